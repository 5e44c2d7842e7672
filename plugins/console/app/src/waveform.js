// Peaks to columns of pixels, and instants to places on the time line.

export const PEAKS_HZ = 50; // as in waveforms.py

// The greatest peak (0..1) below each of `columns` pixels that show `from` to `to` seconds.
export function columns(peaks, from, to, count) {
  const found = new Float32Array(count);
  const perColumn = ((to - from) * PEAKS_HZ) / count;
  for (let column = 0; column < count; column++) {
    const first = Math.floor(from * PEAKS_HZ + column * perColumn);
    const last = Math.max(first + 1, Math.ceil(from * PEAKS_HZ + (column + 1) * perColumn));
    let loudest = 0;
    for (let at = Math.max(0, first); at < Math.min(last, peaks.length); at++) {
      if (peaks[at] > loudest) loudest = peaks[at];
    }
    found[column] = loudest / 255;
  }
  return found;
}

// Speech is quiet beside its peaks: the square root shows both.
export const heightOf = (peak) => Math.sqrt(peak);

// Where the lines that touch a span lie; `side` is "source" or "dub".
export function boxes(lines, side, from, to) {
  const span = (line) =>
    side === "source" ? [line.start_s, line.end_s] : [line.dub_start_s, line.dub_end_s];
  return lines
    .map((line) => ({ line, start: span(line)[0], end: span(line)[1] }))
    .filter(({ start, end }) => start !== null && start < to && end > from);
}

// A round step for the ruler, so that marks are at least `least` pixels apart.
export function rulerStep(pixelsPerSecond, least = 80) {
  const steps = [0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600];
  return steps.find((step) => step * pixelsPerSecond >= least) ?? 7200;
}

// The power of two at which single lines can be seen; 1 shows everything.
export function comfortableZoom(pixelsPerSecond, least = 12) {
  const needed = least / pixelsPerSecond;
  return needed > 1 && Number.isFinite(needed) ? 2 ** Math.ceil(Math.log2(needed)) : 1;
}
