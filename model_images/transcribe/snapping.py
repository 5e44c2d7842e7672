"""Moves a script's cues to the speech under them. Pure.

Subtitle cues start early, end late and run on for reading; a dub must start and end with the
speech itself.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise

from airdub.speech import SpeechSpans
from airdub.transcript import Action, Segment
from airdub.units import ms_to_ticks

LEAD = ms_to_ticks(400)
"""Speech may begin this long before its cue."""

TAIL = ms_to_ticks(600)
"""Speech may go on this long after its cue."""

SPILL = ms_to_ticks(150)
"""A shorter piece at a cue's edge is a neighbour's speech, if there is other speech in the cue."""

SHORTEST = ms_to_ticks(200)
"""What would be snapped to less keeps the cue's times: the detector missed most of it."""

ASTRAY = ms_to_ticks(500)
"""The border of two cues that touch may be this far from the pause that it stands for."""

Span = tuple[int, int]


def snap(
    segments: Sequence[Segment], speech: SpeechSpans, duration: int
) -> tuple[tuple[Segment, ...], list[str]]:
    """Segments with the times of their speech, in the same order, and ids of those without any.

    Onset and offset move to the speech in the cue, up to LEAD before and TAIL after it, but never
    into a neighbour's cue; cues that touch part at the nearest pause. Where speech goes on across
    a cue's edge, the edge stays: only the cue says where one line ends and the next begins. Kept
    and subtitled segments aren't touched.

    Args:
        segments: in order of onset.
    """
    pieces = _Speech(speech)
    cues = _parted_at_pauses(segments, pieces)
    found = [
        speech_times(cue, reach, pieces.within(*reach)) if _is_dubbed(segment) else None
        for segment, cue, reach in zip(segments, cues, _reaches(cues, duration), strict=True)
    ]
    times = [span or cue for span, cue in zip(found, cues, strict=True)]
    times = _in_order(cues, _apart(segments, cues, times, pieces))
    snapped = (
        segment.model_copy(update={"start": start, "end": end}) if _is_dubbed(segment) else segment
        for segment, (start, end) in zip(segments, times, strict=True)
    )
    silent = [
        segment.id
        for segment, span in zip(segments, found, strict=True)
        if _is_dubbed(segment) and span is None
    ]
    return tuple(snapped), silent


def speech_times(cue: Span, reach: Span, speech: Sequence[Span]) -> Span | None:
    """Onset and offset of the speech of one cue; None when there is none to speak of.

    Args:
        reach: the window that the speech may lie in; holds the cue.
        speech: spans of speech in the reach.
    """
    pieces = list(speech)
    if not any(start < cue[1] and end > cue[0] for start, end in pieces):
        return None
    while len(pieces) > 1 and _is_spill(pieces[0], reach[0], at_start=True):
        pieces.pop(0)
    while len(pieces) > 1 and _is_spill(pieces[-1], reach[1], at_start=False):
        pieces.pop()
    onset, offset = pieces[0][0], pieces[-1][1]
    # speech that fills the reach up to its edge began (or goes on) outside of it
    start = cue[0] if onset == reach[0] < cue[0] else onset
    end = cue[1] if offset == reach[1] > cue[1] else offset
    return (start, end) if end - start >= SHORTEST else None


class _Speech:
    """Spans of speech, found by time."""

    def __init__(self, speech: SpeechSpans) -> None:
        self._spans = speech.spans
        self._starts = [start for start, _ in speech.spans]
        self._ends = [end for _, end in speech.spans]

    def within(self, start: int, end: int) -> list[Span]:
        """The parts of the spans that lie in a window."""
        spans = self._spans[bisect_right(self._ends, start) : bisect_left(self._starts, end)]
        return [(max(first, start), min(last, end)) for first, last in spans]

    def pause_near(self, time: int, most: int) -> Span | None:
        """The pause between two spans that is nearest to a time, up to `most` ticks away."""
        near = range(bisect_left(self._ends, time - most), bisect_right(self._starts, time + most))
        pauses = [
            (self._ends[index - 1], self._starts[index])
            for index in range(max(1, near.start), min(near.stop + 1, len(self._spans)))
        ]
        away = {pause: max(pause[0] - time, time - pause[1], 0) for pause in pauses}
        nearest = min(away, key=lambda pause: away[pause], default=None)
        return nearest if nearest and away[nearest] <= most else None


def _is_dubbed(segment: Segment) -> bool:
    return segment.action is Action.DUB


def _parted_at_pauses(segments: Sequence[Segment], speech: _Speech) -> list[Span]:
    """The segments' spans; where two touch, the border is moved to the nearest pause.

    Turns within a cue share its time by their length in letters, and cues are often drawn out up
    to the next: such borders are guesses.
    """
    cues = [(segment.start, segment.end) for segment in segments]
    starts, ends = sorted(start for start, _ in cues), sorted(end for _, end in cues)
    for index, (one, other) in enumerate(pairwise(segments)):
        if not (one.end == other.start and _is_dubbed(one) and _is_dubbed(other)):
            continue
        start, end = cues[index][0], cues[index + 1][1]
        most = min(ASTRAY, (one.end - start) // 2, (end - other.start) // 2)
        around = bisect_left(starts, one.end + most) - bisect_right(ends, one.end - most)
        if around > 2:  # somebody speaks over the border
            continue
        if pause := speech.pause_near(one.end, most):
            border = min(max((pause[0] + pause[1]) // 2, one.end - most), one.end + most)
            cues[index], cues[index + 1] = (start, border), (border, end)
    return cues


def _is_spill(piece: Span, edge: int, *, at_start: bool) -> bool:
    touches = piece[0] <= edge if at_start else piece[1] >= edge
    return touches and piece[1] - piece[0] < SPILL


def _reaches(cues: Sequence[Span], duration: int) -> list[Span]:
    """The cues, widened as far as their neighbours' cues and the timeline allow.

    An edge at which somebody else is talking stays: the speech beyond it is his.
    """
    starts, ends = sorted(start for start, _ in cues), sorted(end for _, end in cues)

    def is_shared(time: int) -> bool:
        return bisect_left(starts, time) > bisect_right(ends, time)

    reaches = []
    for start, end in cues:
        before, after = bisect_right(ends, start), bisect_left(starts, end)
        first = max(start - LEAD, 0, ends[before - 1] if before else 0)
        last = min(end + TAIL, duration, starts[after] if after < len(starts) else duration)
        reaches.append(
            (start if is_shared(start) else first, end if is_shared(end) else max(last, end))
        )
    return reaches


def _apart(
    segments: Sequence[Segment], cues: Sequence[Span], times: Sequence[Span], speech: _Speech
) -> list[Span]:
    """The times; what two cues that don't overlap both reached for, the nearer one has."""
    parted = list(times)
    for one, other in _successors(segments):
        (start, end), (next_start, next_end) = parted[one], parted[other]
        cue_end, next_cue_start = cues[one][1], cues[other][0]
        if cue_end > next_cue_start or end <= next_start:
            continue
        if next_start - cue_end <= next_cue_start - end:
            own = speech.within(end, next_end)
            parted[other] = (own[0][0] if own else next_cue_start, next_end)
        else:
            own = speech.within(start, next_start)
            parted[one] = (start, own[-1][1] if own else cue_end)
    return parted


def _in_order(cues: Sequence[Span], times: Sequence[Span]) -> list[Span]:
    """The times, none beginning before the one in front of it."""
    ordered = list(times)
    for index, following in enumerate(cues[1:]):
        start = min(ordered[index][0], following[0])
        ordered[index] = (start, ordered[index][1])
        ordered[index + 1] = (max(ordered[index + 1][0], start), ordered[index + 1][1])
    return ordered


def _successors(segments: Sequence[Segment]) -> Iterator[tuple[int, int]]:
    """Indices of each segment and the next one, and the next one of its speaker."""
    latest: dict[str, int] = {}
    for index, segment in enumerate(segments):
        before = {index - 1, latest.get(segment.speaker, index - 1)}
        yield from ((other, index) for other in sorted(before) if other >= 0)
        latest[segment.speaker] = index
