import assert from "node:assert/strict";
import { test } from "node:test";
import { getWork } from "../src/api.js";

const answer = (status, body) => ({
  ok: status === 200,
  status,
  statusText: "no",
  json: async () => body,
});

test("tasks at work say how far they are, or nothing yet", async (t) => {
  const run = "../api/v2/dags/dub_video/dagRuns/a%2Bb/taskInstances";
  const known = {
    [`${run}?state=running&state=deferred`]: answer(200, {
      task_instances: [{ task_id: "voice.mix" }, { task_id: "picture.lipsync" }],
    }),
    [`${run}/voice.mix/xcomEntries/progress?deserialize=true`]: answer(200, { value: "40 %" }),
  };
  t.mock.method(globalThis, "fetch", async (url) => known[url] ?? answer(404, {}));
  assert.deepEqual(await getWork("dub_video", "a+b"), [
    { task: "voice.mix", progress: "40 %" },
    { task: "picture.lipsync", progress: "" },
  ]);
});
