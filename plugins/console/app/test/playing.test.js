import assert from "node:assert/strict";
import { test } from "node:test";
import { lineAt, spansOf } from "../src/playing.js";

const line = { start_s: 1, end_s: 2, dub_start_s: 1.5, dub_end_s: 3 };

test("a line is played in the source, then in the dub, inside the video", () => {
  assert.deepEqual(spansOf(line, 3.1), [
    { side: "source", from: 0.75, to: 2.25 },
    { side: "dub", from: 1.25, to: 3.1 },
  ]);
  const kept = { start_s: 0.1, end_s: 2, dub_start_s: null, dub_end_s: null };
  assert.deepEqual(spansOf(kept, 9), [{ side: "source", from: 0, to: 2.25 }]);
});

test("the line that sounds depends on what is heard", () => {
  assert.equal(lineAt([line], "source", 1.2), line);
  assert.equal(lineAt([line], "dub", 1.2), null);
  assert.equal(lineAt([line], "dub", 2.9), line);
});
