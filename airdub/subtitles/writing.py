"""Timed lines to subtitle cues a viewer can read, and cues to SubRip and WebVTT. Pure.

A cue shows at most two lines for 5/6 s to 7 s, two frames after the one before it; see `breaking`
for lengths and speeds. The start of a cue is never moved: it is the onset of speech.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import zip_longest

from airdub.subtitles.breaking import (
    ReadingRules,
    break_cues,
    reading_rules,
    width,
)
from airdub.subtitles.markup import tidy
from airdub.subtitles.timecodes import split_span
from airdub.subtitles.timing_lines import clock_text
from airdub.units import CLOCK_HZ, TICKS_PER_MS, round_half_up

SHORTEST = CLOCK_HZ * 5 // 6
LONGEST = CLOCK_HZ * 7
GAP_FRAMES = 2

_JOINER = "\u2060"  # invisible; the reader drops it
# What a reader of SubRip would take for a timing line, a tag, an override, an entity or a break.
_SRT_HAZARD = re.compile(r"-\s?(?=>)|<(?=[A-Za-z/\d])|\{(?=[\\/A-Za-z])|&(?=#?\w+;)|\\(?=[Nh])")
_VTT_HAZARD = re.compile(r"\{(?=[\\/A-Za-z])|\\(?=[Nh])")


@dataclass(frozen=True)
class SubtitleLine:
    """What one voice says, when: ticks, one paragraph of text."""

    start: int
    end: int
    text: str
    speaker: str = ""


@dataclass(frozen=True)
class SubtitleCue:
    """What is shown, when: ticks on whole milliseconds, one or two lines."""

    start: int
    end: int
    lines: tuple[str, ...]

    def speed(self, rules: ReadingRules) -> float:
        """Characters a second that a viewer has to read."""
        return sum(width(line, rules) for line in self.lines) * CLOCK_HZ / (self.end - self.start)


def lay_out(
    lines: Iterable[SubtitleLine],
    *,
    language: str,
    duration: int,
    frame_rate: Fraction | None = None,
) -> tuple[SubtitleCue, ...]:
    """Cues for timed lines, in order of onset.

    * Text too long for two lines, or shown longer than 7 s, goes on in further cues whose times
      are shared out by length.
    * Two voices that talk at once share a cue as `- A` / `- B` where each fits a line; else their
      cues overlap.
    * A cue too short to read stays on into the silence after it, up to two frames before the next.

    Args:
        lines: any order; those without text are left out.
        language: BCP-47, the language of the text.
        duration: the media's length, ticks; no cue goes beyond.
        frame_rate: frames a second for the gap between cues; 25 when not known.

    Raises:
        InvalidInput: unknown language.
        ValueError: a line that ends before it starts, or starts outside the media.
    """
    rules = reading_rules(language)
    prepared = sorted(
        (replace(line, text=text) for line in lines if (text := _printable(line.text))),
        key=lambda line: (line.start, line.end),
    )
    cues: list[SubtitleCue] = []
    partnered = False
    for line, follower in zip_longest(prepared, prepared[1:]):
        if not 0 <= line.start < min(line.end, duration):
            raise ValueError(f"a line from {line.start} to {line.end} in media of {duration} ticks")
        shared = None if partnered or not follower else _shared_cue(line, follower, rules)
        if not partnered:
            cues.extend([shared] if shared else _own_cues(line, rules))
        partnered = shared is not None
    cues.sort(key=lambda cue: (cue.start, cue.end))
    starts = [cue.start for cue in cues]
    gap = round_half_up(GAP_FRAMES / (frame_rate or Fraction(25)) * CLOCK_HZ)
    timed = []
    for cue in cues:
        later = bisect_right(starts, cue.start)
        limit = starts[later] if later < len(starts) else duration + gap
        timed.append(_timed(cue, limit, gap, rules, duration))
    return tuple(timed)


def too_fast(cues: Iterable[SubtitleCue], language: str) -> tuple[SubtitleCue, ...]:
    """The cues that have to be read faster than the language's top speed."""
    rules = reading_rules(language)
    return tuple(cue for cue in cues if cue.speed(rules) > rules.top_speed)


def write_srt(cues: Sequence[SubtitleCue]) -> str:
    """A SubRip file.

    SubRip has no escapes: an invisible word joiner (U+2060) keeps `-->`, `<b` and their like in
    the text from being read as syntax.
    """
    blocks = []
    for number, cue in enumerate(cues, 1):
        times = f"{clock_text(cue.start, ',')} --> {clock_text(cue.end, ',')}"
        text = "\n".join(_SRT_HAZARD.sub(rf"\g<0>{_JOINER}", line) for line in cue.lines)
        blocks.append(f"{number}\n{times}\n{text}\n")
    return "\n".join(blocks)


def write_vtt(cues: Sequence[SubtitleCue]) -> str:
    """A WebVTT file; `&`, `<` and `>` (and so `-->`) are escaped."""
    blocks = ["WEBVTT\n"]
    for cue in cues:
        times = f"{clock_text(cue.start, '.')} --> {clock_text(cue.end, '.')}"
        blocks.append(f"{times}\n" + "".join(f"{_vtt_text(line)}\n" for line in cue.lines))
    return "\n".join(blocks)


def _vtt_text(line: str) -> str:
    joined = _VTT_HAZARD.sub(rf"\g<0>{_JOINER}", line)
    return joined.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _printable(text: str) -> str:
    """One line of text without control characters and what can't be written as UTF-8."""
    kept = (
        " " if char.isspace() else char
        for char in text
        if char.isspace() or (unicodedata.category(char) not in ("Cc", "Cs") and char != "\ufffd")
    )
    return " ".join(tidy("".join(kept)).split())


def _shared_cue(one: SubtitleLine, other: SubtitleLine, rules: ReadingRules) -> SubtitleCue | None:
    """`- A` / `- B` for two voices of which one talks half its time while the other does."""
    overlap = min(one.end, other.end) - other.start
    shorter = min(one.end - one.start, other.end - other.start)
    lines = (f"- {one.text}", f"- {other.text}")
    fits = all(width(line, rules) <= rules.line_width for line in lines)
    if one.speaker == other.speaker or 2 * overlap < shorter or not fits:
        return None
    return SubtitleCue(one.start, max(one.end, other.end), lines)


def _own_cues(line: SubtitleLine, rules: ReadingRules) -> list[SubtitleCue]:
    """A line's cues; its time is shared out by the width of their text."""
    length = line.end - line.start
    # a word drawn out for ten seconds is one cue all the same
    worthwhile = int(2 * width(line.text, rules) // rules.line_width)
    wanted = min(-(-length // LONGEST), worthwhile)
    texts = break_cues(line.text, rules, at_least=wanted)
    weights = [round_half_up(2 * sum(width(part, rules) for part in text)) for text in texts]
    if length < len(texts) * TICKS_PER_MS:
        raise ValueError(f"{length} ticks are too short for {len(texts)} cues")
    spans = split_span(line.start, line.end, weights)
    return [SubtitleCue(*span, text) for span, text in zip(spans, texts, strict=True)]


def _timed(
    cue: SubtitleCue, later: int, gap: int, rules: ReadingRules, duration: int
) -> SubtitleCue:
    """The cue with an end that leaves time to read it, and a gap before the next one.

    Where another voice sets in while this one talks both cues are shown; but a tail of up to a
    quarter gives way if the cue can be read by then. `later` is the next cue's start.
    """
    length, room = cue.end - cue.start, later - gap - cue.start
    reading_time = round_half_up(cue.speed(rules) * length / rules.speed)
    wanted = max(length, SHORTEST, min(reading_time, LONGEST))
    enough = max(SHORTEST, min(reading_time, LONGEST), length * 3 // 4)
    if later < cue.end and room < enough:
        shown = length
    else:
        shown = min(wanted, room) if 2 * room > length else length
    end = min(cue.start + min(shown, LONGEST), duration)
    start_ms = cue.start // TICKS_PER_MS
    end_ms = max(end // TICKS_PER_MS, start_ms + 1)
    return replace(cue, start=start_ms * TICKS_PER_MS, end=end_ms * TICKS_PER_MS)
