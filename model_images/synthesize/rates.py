"""The speaking rate that a line's place asks for: pure, in ticks.

The engine speaks faster before anything is stretched. Which place a line gets, and what is done
about the rest, is decided later by `airdub.timing`; here the same limits are used.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from airdub.timing import DEFAULT_LIMITS, FitLimits
from airdub.transcript import Segment

_STEP = Fraction(5, 100)


@dataclass(frozen=True)
class Room:
    """Ticks that a line may last: `soft` leaves a breath before the next onset, `hard` doesn't."""

    soft: int
    hard: int


def rooms(
    segments: Sequence[Segment], duration: int, limits: FitLimits = DEFAULT_LIMITS
) -> dict[str, Room]:
    """The room of each segment by its id: its own span and the silence up to the next onset.

    A line that overlaps another voice in the source may do so again, up to its own end; never its
    own speaker's next line.

    Args:
        duration: of the title.
    """
    ordered = sorted(segments, key=lambda segment: (segment.start, segment.end, segment.id))
    onsets = [segment.start for segment in ordered]
    return {
        segment.id: _room(segment, ordered[index + 1 :], _next(onsets, segment, duration), limits)
        for index, segment in enumerate(ordered)
    }


def _next(onsets: Sequence[int], segment: Segment, duration: int) -> int:
    following = bisect_left(onsets, segment.end)
    return onsets[following] if following < len(onsets) else max(duration, segment.end)


def _room(segment: Segment, later: Sequence[Segment], onset: int, limits: FitLimits) -> Room:
    for other in later:
        if other.start >= segment.end:
            break
        if other.speaker == segment.speaker:
            onset = min(onset, max(other.start, segment.start + 1))
        elif other.end > segment.end:
            onset = min(onset, segment.end)
    soft = max(min(segment.end, onset), onset - limits.breath)
    return Room(soft - segment.start, onset - segment.start)


def rate_percent(natural_length: int, room: Room, limits: FitLimits = DEFAULT_LIMITS) -> int:
    """Speaking rate in percent of the natural one, in steps of 5: 100 when the line fits.

    Up to the fastest preferred rate the breath is kept; beyond it, up to the hard cap, it is not.
    """
    wanted = _step_up(Fraction(natural_length, room.soft))
    if wanted > limits.fastest:
        without_breath = _step_up(Fraction(natural_length, room.hard))
        wanted = min(limits.cap, max(limits.fastest, without_breath))
    return int(100 * max(Fraction(1), wanted))


def _step_up(rate: Fraction) -> Fraction:
    return ceil(rate / _STEP) * _STEP
