// What is played when a line is asked for: the original, then the dub, each with some air around.

const AIR_S = 0.25;

export function spansOf(line, duration) {
  const span = (side, start, end) => ({
    side,
    from: Math.max(0, start - AIR_S),
    to: Math.min(duration, end + AIR_S),
  });
  const spans = [span("source", line.start_s, line.end_s)];
  if (line.dub_start_s !== null) spans.push(span("dub", line.dub_start_s, line.dub_end_s));
  return spans;
}

// The line that sounds at an instant, or null.
export function lineAt(lines, side, time) {
  const sounds = (line) =>
    side === "source"
      ? line.start_s <= time && time < line.end_s
      : line.dub_start_s !== null && line.dub_start_s <= time && time < line.dub_end_s;
  return lines.find(sounds) ?? null;
}
