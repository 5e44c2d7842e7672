import assert from "node:assert/strict";
import { test } from "node:test";
import { outcomeOf, reasonsByLine, toneOf, worstFirst } from "../src/verdicts.js";

const reason = (scope, blocking = true) => ({ scope, blocking, metric: "line_match" });
const line = (id, action = "dub") => ({ id, action });

test("a line fails by a blocking reason, is noted by another one, and passes by none", () => {
  const judgement = { reasons: [reason("s1"), reason("s1", false), reason("s2", false)] };
  const byLine = reasonsByLine(judgement.reasons);
  assert.deepEqual(
    ["s1", "s2", "s3"].map((id) => toneOf(line(id), judgement, byLine)),
    ["bad", "warn", "good"],
  );
});

test("nothing is said of lines that weren't judged", () => {
  const byLine = reasonsByLine([reason("title"), reason("")]);
  assert.equal(byLine.size, 0);
  assert.equal(toneOf(line("s1"), null, byLine), "none");
  assert.equal(toneOf(line("s1", "keep"), { reasons: [] }, byLine), "none");
});

test("only what blocks is shown as bad", () => {
  assert.equal(outcomeOf({ outcome: "fail", blocking: true }).tone, "bad");
  assert.equal(outcomeOf({ outcome: "fail", blocking: false }).tone, "warn");
  assert.equal(outcomeOf({ outcome: "pass", blocking: false }).text, "pass");
  assert.equal(outcomeOf({ outcome: "not_applicable", blocking: true }).tone, "none");
});

test("what fails stands on top of the gate table, all else as the profile has it", () => {
  const check = (metric, outcome, blocking = true) => ({ metric, outcome, blocking });
  const checks = [
    check("a", "pass"),
    check("b", "fail", false),
    check("c", "not_applicable"),
    check("d", "pass"),
    check("e", "absent", false),
    check("f", "fail"),
    check("g", "absent"),
  ];
  assert.deepEqual(
    worstFirst(checks).map(({ metric }) => metric),
    ["f", "g", "b", "a", "d", "c", "e"],
  );
});
