// What the gate says about each line, from its reasons.

export const words = (metric) => metric.replaceAll("_", " ");

// A ratio says so by its size.
export const unitOf = ({ unit }) => (["ratio", "index"].includes(unit) ? "" : unit);

export const DECISIONS = {
  APPROVED: { tone: "good", text: "passed its gate" },
  RETRY: { tone: "warn", text: "made again where it failed" },
  REVIEW: { tone: "warn", text: "people decide" },
  REJECTED: { tone: "bad", text: "quarantined" },
};

const OUTCOMES = {
  pass: { tone: "good", text: "pass", sign: "✓" },
  fail: { tone: "bad", text: "fail", sign: "✕" },
  absent: { tone: "bad", text: "not measured", sign: "?" },
  not_applicable: { tone: "none", text: "does not apply", sign: "–" },
};

const ADVICE = {
  fail: { tone: "warn", text: "fail", sign: "!" },
  absent: { tone: "none", text: "not measured", sign: "?" },
};

// How a line of the gate table is shown; what doesn't block only warns.
export const outcomeOf = (check) =>
  (!check.blocking && ADVICE[check.outcome]) || OUTCOMES[check.outcome];

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
