// What the gate says about each line, from its reasons.

export const words = (metric) => metric.replaceAll("_", " ");

export const DECISIONS = {
  APPROVED: { tone: "good", text: "Approved" },
  RETRY: { tone: "warn", text: "Repaired by another attempt" },
  REVIEW: { tone: "warn", text: "Waits for review" },
  REJECTED: { tone: "bad", text: "Quarantined" },
};

const OUTCOMES = {
  pass: { tone: "good", text: "pass", sign: "✓" },
  fail: { tone: "bad", text: "fail", sign: "✕" },
  absent: { tone: "warn", text: "not measured", sign: "?" },
  not_applicable: { tone: "none", text: "does not apply", sign: "–" },
};

// How a line of the gate table is shown; what doesn't block only warns.
export function outcomeOf(check) {
  const outcome = OUTCOMES[check.outcome];
  if (outcome.tone === "good" || outcome.tone === "none" || check.blocking) return outcome;
  return { ...outcome, tone: "warn", sign: "!" };
}

const GRAVITY = ["bad", "warn", "good", "none"];

// The gate table with what fails on top; else in the profile's order.
export const worstFirst = (checks) =>
  [...checks].sort(
    (one, other) =>
      GRAVITY.indexOf(outcomeOf(one).tone) - GRAVITY.indexOf(outcomeOf(other).tone),
  );

const isLine = (reason) => reason.scope !== "" && reason.scope !== "title";

// Reasons by line id, blocking ones first (as the verdict has them).
export function reasonsByLine(reasons) {
  const found = new Map();
  for (const reason of reasons.filter(isLine)) {
    found.set(reason.scope, [...(found.get(reason.scope) ?? []), reason]);
  }
  return found;
}

// "bad", "warn", "good", or "none" where nothing judged the line.
export function toneOf(line, judgement, byLine) {
  if (!judgement || line.action !== "dub") return "none";
  const reasons = byLine.get(line.id) ?? [];
  if (reasons.some((reason) => reason.blocking)) return "bad";
  return reasons.length ? "warn" : "good";
}

export const TONES = {
  bad: { sign: "✕", text: "fails" },
  warn: { sign: "!", text: "noted" },
  good: { sign: "✓", text: "passes" },
  none: { sign: "–", text: "not judged" },
};
