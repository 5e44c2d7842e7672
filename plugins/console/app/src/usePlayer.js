import { useCallback, useEffect, useRef, useState } from "react";
import { spansOf } from "./playing.js";

const TELL_EVERY_MS = 60;

// Two videos, one of them heard and seen: the source and the dub, at the same instant.
export function usePlayer(duration) {
  const source = useRef(null);
  const dub = useRef(null);
  const spans = useRef([]); // what is still to be played of a line
  const [side, setSide] = useState("dub");
  const [time, setTime] = useState(0);
  const [playing, setPlaying] = useState(false);
  const [blocked, setBlocked] = useState(false); // the browser wants a click before it plays
  const shown = useRef(side);

  const video = useCallback((which) => (which === "source" ? source.current : dub.current), []);

  const play = useCallback(
    (which) => {
      video(which)
        ?.play()
        .then(() => setBlocked(false))
        .catch((error) => setBlocked(error.name === "NotAllowedError"));
    },
    [video],
  );

  // Shows the other video at the same instant; it goes on if this one played.
  const show = useCallback(
    (next) => {
      const [from, to] = [video(shown.current), video(next)];
      if (!from || !to || from === to) return;
      to.currentTime = from.currentTime;
      to.volume = from.volume;
      to.muted = from.muted;
      to.playbackRate = from.playbackRate;
      const wasPlaying = !from.paused;
      from.pause();
      shown.current = next;
      setSide(next);
      if (wasPlaying) play(next);
    },
    [play, video],
  );

  const seek = useCallback(
    (seconds) => {
      spans.current = [];
      video(shown.current).currentTime = seconds;
      setTime(seconds);
    },
    [video],
  );

  const startSpan = useCallback(
    ({ side: next, from }) => {
      video(shown.current).pause();
      show(next);
      video(next).currentTime = from;
      setTime(from);
      play(next);
    },
    [play, show, video],
  );

  // Plays the line as it was said, then as it is dubbed.
  const playLine = useCallback(
    (line) => {
      spans.current = spansOf(line, duration);
      startSpan(spans.current[0]);
    },
    [duration, startSpan],
  );

  // A span's end: the next one, or silence.
  const watch = useCallback(
    (now) => {
      const [span] = spans.current;
      if (!span || now < span.to) return;
      spans.current = spans.current.slice(1);
      if (spans.current.length) startSpan(spans.current[0]);
      else video(span.side).pause();
    },
    [startSpan, video],
  );

  useEffect(() => {
    if (!playing) return undefined;
    let told = 0;
    let frame = requestAnimationFrame(function look(stamp) {
      const now = video(shown.current)?.currentTime ?? 0;
      if (stamp - told >= TELL_EVERY_MS) {
        told = stamp;
        setTime(now);
      }
      watch(now);
      frame = requestAnimationFrame(look);
    });
    return () => cancelAnimationFrame(frame);
  }, [playing, video, watch]);

  // What the video elements tell: only the one that is shown counts.
  const events = (which) => ({
    ref: which === "source" ? source : dub,
    onPlay: () => which === shown.current && setPlaying(true),
    onPause: () => which === shown.current && setPlaying(false),
    onSeeked: (event) => which === shown.current && setTime(event.currentTarget.currentTime),
  });

  return { side, time, playing, blocked, show, seek, playLine, events };
}
