"""Lays a target script's lines on the source's segments by time. Pure.

The two scripts need not be cut alike: several lines may belong to one segment, and one line may
cover several segments of one speaker, which then share it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import pairwise
from unicodedata import east_asian_width

from airdub.transcript import Action, Segment
from airdub.units import CLOCK_HZ

NEAR = CLOCK_HZ
"""A line that overlaps no segment belongs to one that is no farther than a second away."""

_COVERS = 0.5  # share of a segment's window that a line must fill to be said in it too
_SENTENCE_ENDS = (".", "!", "?", "…", "。", "！", "？")
_CLAUSE_ENDS = (",", ";", ":", "-", "–", "—", "，", "；", "：", "、")


def lay_out(
    lines: Sequence[Segment], segments: Sequence[Segment]
) -> tuple[list[str], list[Segment]]:
    """One text per segment ("" where no line belongs to it), and the lines that found no place."""
    homes = Homes(segments)
    at: list[list[Segment]] = [[] for _ in segments]
    homeless = []
    for line in lines:
        index = homes.of(line)
        if index is None:
            homeless.append(line)
        else:
            at[index].append(line)
    texts = [" ".join(line.text for line in found) for found in at]
    for index, found in enumerate(at):
        if len(found) == 1:
            run = _covered(index, found[0], segments, texts)
            lengths = [window(segment)[1] - window(segment)[0] for segment in segments[run]]
            texts[run] = shared_out(found[0].text, lengths) or texts[run]
    return texts, homeless


def shared_out(text: str, weights: Sequence[int]) -> list[str]:
    """The text in one part per weight, cut where its sentences and clauses end, near the shares.

    Returns:
        [] when it has too few words to give every part one.
    """
    cuts, total = [0], sum(weights)
    for number in range(1, len(weights)):
        ideal = len(text) * sum(weights[:number]) / total
        places = [place for place in _breaks(text) if cuts[-1] < place < len(text)]
        if not places:
            return []
        cuts.append(min(places, key=lambda place: abs(place - ideal) - _bonus(text, place)))
    return [text[a:b].strip() for a, b in pairwise([*cuts, len(text)])]


def _breaks(text: str) -> list[int]:
    """Where the text may be cut: after blanks; without any, after Chinese and Japanese signs."""
    blanks = [place for place, char in enumerate(text, 1) if char.isspace()]
    wide = (place for place, char in enumerate(text, 1) if east_asian_width(char) in "WF")
    return blanks or list(wide)


def _bonus(text: str, place: int) -> float:
    """How many characters farther from the ideal place than a plain cut this one may be."""
    before = text[:place].rstrip()
    if before.endswith(_SENTENCE_ENDS):
        return 0.3 * len(text)
    return 0.15 * len(text) if before.endswith(_CLAUSE_ENDS) else 0.0


def _covered(home: int, line: Segment, segments: Sequence[Segment], texts: Sequence[str]) -> slice:
    """The segments around the line's home that it covers too and that have no line of their own."""

    def belongs(index: int) -> bool:
        segment = segments[index]
        start, end = window(segment)
        return (
            not texts[index]
            and segment.action is Action.DUB
            and segment.speaker == segments[home].speaker
            and overlap(line, segment) >= _COVERS * (end - start)
        )

    first, last = home, home + 1
    while first > 0 and belongs(first - 1):
        first -= 1
    while last < len(segments) and belongs(last):
        last += 1
    return slice(first, last)


class Homes:
    """Finds the segment that a line belongs to."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self._segments = segments
        windows = [window(segment) for segment in segments]
        self._by_start = sorted((start, index) for index, (start, _) in enumerate(windows))
        self._longest = max((end - start for start, end in windows), default=0)

    def of(self, line: Segment) -> int | None:
        """Index of its segment; None when there is none near it.

        The longest overlap wins, a speaker of the same name before all others.
        """
        best: tuple[bool, int, int] | None = None
        home = None
        first = bisect_left(self._by_start, (line.start - NEAR - self._longest, 0))
        last = bisect_right(self._by_start, (line.end + NEAR, 0))
        for _, index in self._by_start[first:last]:
            segment = self._segments[index]
            start, _ = window(segment)
            shared = overlap(line, segment)
            if shared <= -NEAR:
                continue
            named = shared > 0 and segment.speaker.casefold() == line.speaker.casefold()
            rank = (named, shared, -abs(start - line.start))
            if best is None or rank > best:
                best, home = rank, index
        return home


def window(segment: Segment) -> tuple[int, int]:
    """The segment's cue where it has one: target cues are timed like source cues."""
    if segment.cue_start is None or segment.cue_end is None:
        return segment.start, segment.end
    return min(segment.start, segment.cue_start), max(segment.end, segment.cue_end)


def overlap(line: Segment, segment: Segment) -> int:
    """Ticks that a line shares with a segment's window; below 0 their distance."""
    start, end = window(segment)
    return min(end, line.end) - max(start, line.start)
