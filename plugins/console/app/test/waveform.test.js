import assert from "node:assert/strict";
import { test } from "node:test";
import { boxes, columns, comfortableZoom, PEAKS_HZ, rulerStep } from "../src/waveform.js";

test("a column shows the loudest peak below it, however far one looks", () => {
  const peaks = new Uint8Array(10 * PEAKS_HZ);
  peaks[5 * PEAKS_HZ] = 255; // one click at 5 s
  for (const count of [10, 100, 1000]) {
    const found = columns(peaks, 0, 10, count);
    assert.equal(found.indexOf(1), count / 2, `${count} columns`);
  }
});

test("nothing lies beyond the end", () => {
  const found = columns(new Uint8Array(PEAKS_HZ).fill(255), 0, 2, 4);
  assert.deepEqual([...found], [1, 1, 0, 0]);
});

test("lines that touch the view are drawn, those without a dub only in the source", () => {
  const lines = [
    { id: "s1", start_s: 0, end_s: 1, dub_start_s: 0, dub_end_s: 1.5 },
    { id: "s2", start_s: 2, end_s: 3, dub_start_s: null, dub_end_s: null },
  ];
  const ids = (side, from, to) => boxes(lines, side, from, to).map(({ line }) => line.id);
  assert.deepEqual(ids("source", 0, 9), ["s1", "s2"]);
  assert.deepEqual(ids("dub", 0, 9), ["s1"]);
  assert.deepEqual(ids("source", 1, 2), []);
  assert.deepEqual(ids("dub", 1.2, 2), ["s1"]);
});

test("marks of the ruler keep their distance", () => {
  assert.equal(rulerStep(200), 0.5);
  assert.equal(rulerStep(10), 10);
  assert.equal(rulerStep(0.001), 7200);
});

test("short titles are seen whole, long ones so that lines can be told apart", () => {
  assert.equal(comfortableZoom(80), 1);
  assert.equal(comfortableZoom(6), 2);
  assert.equal(comfortableZoom(1200 / 7200), 128);
  assert.equal(comfortableZoom(0), 1); // before the page knows its width
});
