"""Lines to be placed, and the order that binds them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor

from airdub.errors import EngineFailed, InvalidInput
from airdub.timing.limits import FitLimits
from airdub.timing.scenes import Span, is_on_screen
from airdub.transcript import Segment, Take
from airdub.units import ticks_to_seconds


@dataclass(frozen=True)
class Slot:
    """A source line and the take that replaces it, in ticks.

    Attributes:
        start, end: source onset and offset.
        best: length when there is room: the take's own, brought into the preferred range.
        fast: length at the fastest preferred rate, never above `best`.
        shortest: length at the hard cap.
    """

    segment: Segment
    take: Take
    start: int
    end: int
    best: int
    fast: int
    shortest: int
    on_screen: bool

    @property
    def speaker(self) -> str:
        """Who speaks."""
        return self.segment.speaker


def make_slot(
    segment: Segment,
    take: Take,
    duration: int,
    on_screen: Sequence[Span] | None,
    limits: FitLimits,
    *,
    stretched: bool = True,
) -> Slot:
    """Work out the lengths that a line may have.

    Args:
        stretched: False: the take's own length alone.

    Raises:
        InvalidInput: the source line starts after the title's end.
        EngineFailed: the take is empty.
    """
    if segment.start >= duration:
        raise InvalidInput(
            f"the line starts at tick {segment.start}, the title ends at {duration}",
            where=f"transcript, segment {segment.id}, start",
            remedy="use the script of this cut of the video",
        )
    if take.length <= 0 or take.natural_length <= 0:
        raise EngineFailed("the take is empty", where=f"takes, segment {segment.id}")
    shortest = ceil(take.natural_length / limits.cap)
    slowest = max(shortest, floor(take.natural_length / limits.slowest))
    fastest = max(shortest, ceil(take.natural_length / limits.fastest))
    best = min(max(take.length, fastest), max(fastest, slowest))
    if not stretched:
        best = fastest = shortest = take.length
    end = min(segment.end, duration)
    return Slot(
        segment=segment,
        take=take,
        start=segment.start,
        end=end,
        best=best,
        fast=min(best, fastest),
        shortest=shortest,
        on_screen=is_on_screen((segment.start, end), on_screen),
    )


def make_slots(
    segments: Sequence[Segment],
    takes: Mapping[str, Take],
    duration: int,
    on_screen: Sequence[Span] | None,
    limits: FitLimits,
    *,
    unstretched: Collection[str] = (),
) -> list[Slot]:
    """Slots of the segments that have a take, in order of onset."""
    slots = [
        make_slot(
            segment,
            takes[segment.id],
            duration,
            on_screen,
            limits,
            stretched=segment.id not in unstretched,
        )
        for segment in segments
        if segment.id in takes
    ]
    return sorted(slots, key=lambda slot: (slot.start, slot.end, slot.segment.id))


def lead(first: Slot, then: Slot) -> int | None:
    """Ticks by which `then` may start before `first` ends; None: any.

    As in the source: nobody speaks over himself, lines that follow each other do so again, lines
    that overlap keep at most their overlap, and a line inside another is not bound by its end.
    """
    if first.speaker == then.speaker:
        return 0
    if then.end <= first.end:
        return None
    return max(0, first.end - then.start)


def deadlines(slots: Sequence[Slot], duration: int) -> list[int]:
    """Latest end of each slot with which all later ones still fit before the title's end.

    Later slots count at their shortest. A slot whose deadline is below its `shortest` can't be
    placed: there is no plan.

    Args:
        slots: sorted by onset.
    """
    onsets = [slot.start for slot in slots]
    latest = [duration] * len(slots)
    earliest_start = [duration] * (len(slots) + 1)  # lowest latest start from here on
    for index in reversed(range(len(slots))):
        slot = slots[index]
        following = max(index + 1, bisect_left(onsets, slot.end))
        bounds = [duration, earliest_start[following]]
        for later in range(index + 1, following):
            ahead = lead(slot, slots[later])
            if ahead is not None:
                bounds.append(latest[later] - slots[later].shortest + ahead)
        latest[index] = min(bounds)
        earliest_start[index] = min(latest[index] - slot.shortest, earliest_start[index + 1])
    return latest


def title_deadlines(slots: Sequence[Slot], duration: int) -> list[int]:
    """Deadlines that keep the source's order of speakers, or, without room for that, each one's.

    Raises:
        InvalidInput: a speaker's lines are longer than the title at the hard cap.
    """
    latest = deadlines(slots, duration)
    if _all_fit(slots, latest):
        return latest
    by_speaker: dict[str, list[int]] = {}
    for index, slot in enumerate(slots):
        by_speaker.setdefault(slot.speaker, []).append(index)
    for speaker, indices in by_speaker.items():
        own = [slots[index] for index in indices]
        own_latest = deadlines(own, duration)
        if not _all_fit(own, own_latest):
            raise _no_room(speaker, own, duration)
        for index, deadline in zip(indices, own_latest, strict=True):
            latest[index] = deadline
    return latest


def _all_fit(slots: Sequence[Slot], latest: Sequence[int]) -> bool:
    return all(deadline >= slot.shortest for slot, deadline in zip(slots, latest, strict=True))


def _no_room(speaker: str, slots: Sequence[Slot], duration: int) -> InvalidInput:
    needed = sum(slot.shortest for slot in slots)
    lines = ", ".join(slot.segment.id for slot in slots[:5]) + (", ..." if len(slots) > 5 else "")
    return InvalidInput(
        f"the lines of {speaker} last {ticks_to_seconds(needed):.1f} s at the fastest allowed"
        f" rate, the title {ticks_to_seconds(duration):.1f} s",
        where=f"target lines, segments {lines}",
        remedy=f"shorten them to {max(1, 100 * duration // needed)} % of their syllables or less",
    )
