import assert from "node:assert/strict";
import { test } from "node:test";
import { clock, since } from "../src/times.js";

test("instants are rounded once, before they are cut into minutes", () => {
  assert.equal(clock(59.96), "1:00.0");
  assert.equal(clock(0), "0:00.0");
  assert.equal(clock(61.24), "1:01.2");
  assert.equal(clock(3599.99, 0), "1:00:00");
  assert.equal(clock(-1), "0:00.0");
});

test("waiting is told in one unit", () => {
  const now = Date.parse("2026-11-21T12:00:00Z");
  assert.equal(since("2026-11-21T11:01:00Z", now), "59 min");
  assert.equal(since("2026-11-20T12:30:00Z", now), "23 h");
  assert.equal(since("2026-11-18T12:00:00Z", now), "3 days");
  assert.equal(since("2026-11-21T12:00:05Z", now), "0 min");
});
