"""Placing lines one after the other: each by absolute times, none by the error of the last."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from fractions import Fraction
from math import floor

from airdub.errors import EngineFailed
from airdub.timing.limits import DEFAULT_LIMITS, FitLimits
from airdub.timing.neighbours import Ahead, Behind, Room
from airdub.timing.pauses import insert_pauses, source_pauses, take_gaps
from airdub.timing.plan import FitPlan, Placement, Shorten
from airdub.timing.scenes import Span, kept_spans
from airdub.timing.slots import Slot, make_slots, title_deadlines
from airdub.transcript import Action, Segment, Take


def plan_fit(
    segments: Sequence[Segment],
    takes: Sequence[Take],
    *,
    duration: int,
    scenes: Sequence[int] = (),
    on_screen: Sequence[Span] | None = None,
    speech: Sequence[Span] | None = None,
    unstretched: Collection[str] = (),
    limits: FitLimits = DEFAULT_LIMITS,
) -> FitPlan:
    """Place every take on the title's timeline (see `airdub.timing` for the rules).

    Args:
        segments: the source's, in any order; onsets and offsets are of speech.
        takes: of the segments to be dubbed; a segment without one is silent (`unspoken`).
        duration: of the title, in ticks.
        scenes: ticks at which a scene changes, in order (`scene_cuts`).
        on_screen: spans in which a speaking face is visible; None: unknown, nothing is relaxed.
        speech: spans of detected speech, in order; None: pauses are read from words.
        unstretched: ids of segments whose takes keep their length, whatever the limits say.

    Raises:
        EngineFailed: a take is empty, or belongs to no segment, or is there twice.
        InvalidInput: a line starts after the title's end, or one speaker's lines are longer than
            the title at the hard cap.
    """
    by_segment = _by_segment(segments, takes)
    slots = make_slots(segments, by_segment, duration, on_screen, limits, unstretched=unstretched)
    ahead = Ahead.of(slots, segments, scenes, duration, limits)
    behind = Behind()
    placements, shorten = [], []
    for index, deadline in enumerate(title_deadlines(slots, duration)):
        slot = slots[index]
        room = ahead.room(index)
        placement = _place(slot, room, behind, deadline, limits)
        spare = min(slot.end, room.soft, deadline) - placement.end
        placement = _with_pauses(placement, slot, spare, speech, limits)
        behind.add(slot, placement.end)
        placements.append(placement)
        if entry := _shorten(slot, placement, room, limits):
            shorten.append(entry)
    return FitPlan(
        duration=duration,
        placements=tuple(placements),
        kept=kept_spans(segments, placements, duration),
        unspoken=tuple(s.id for s in segments if s.action is Action.DUB and s.id not in by_segment),
        shorten=tuple(shorten),
    )


def _by_segment(segments: Sequence[Segment], takes: Sequence[Take]) -> dict[str, Take]:
    dubbed = {segment.id for segment in segments if segment.action is Action.DUB}
    found: dict[str, Take] = {}
    for take in takes:
        if take.segment_id not in dubbed or take.segment_id in found:
            raise EngineFailed(
                "the take belongs to no segment that is dubbed, or to one that has a take",
                where=f"takes, segment {take.segment_id}",
            )
        found[take.segment_id] = take
    return found


def _place(slot: Slot, room: Room, behind: Behind, deadline: int, limits: FitLimits) -> Placement:
    """One line: start and stretched length, by the order in which the rules give way."""
    earliest = behind.earliest(slot)
    wanted = max(slot.start, earliest)
    early = wanted
    if not slot.on_screen:
        free = max(room.early, earliest + limits.breath if earliest else 0)
        early = min(wanted, max(free, slot.start - limits.early))
    left = room.until(deadline)
    start, length = _fit(slot, wanted, early, left)
    missing = max(0, start + length - left.late)
    start = min(start, deadline - length)
    return Placement(
        segment_id=slot.segment.id,
        speaker=slot.speaker,
        start=start,
        take_length=slot.take.length,
        natural_length=slot.take.natural_length,
        stretched_length=length,
        source_start=slot.start,
        source_end=slot.end,
        borrowed=max(0, min(start + length, room.late) - slot.end) + max(0, slot.start - start),
        overflow=missing,
        collision=max(0, earliest - start),
        on_screen=slot.on_screen,
    )


def _fit(slot: Slot, wanted: int, early: int, room: Room) -> tuple[int, int]:
    """Start and length of a line that wants to start at a tick and may start at an earlier one."""
    if wanted + slot.fast <= room.soft:
        return wanted, min(slot.best, room.soft - wanted)
    if wanted + slot.fast <= room.hard:
        return wanted, slot.fast
    start = max(early, min(wanted, room.hard - slot.fast))
    if start + slot.fast <= room.late:
        return start, slot.fast
    return start, max(slot.shortest, room.late - start)


def _with_pauses(
    placement: Placement,
    slot: Slot,
    spare: int,
    speech: Sequence[Span] | None,
    limits: FitLimits,
) -> Placement:
    """The line with its pauses, if it is on screen and has time, and with its phonemes' times."""
    if slot.on_screen and spare > 0:
        pauses = source_pauses(slot.segment, speech, limits.pause)
        inserted = insert_pauses(placement, pauses, take_gaps(slot.take), spare)
        placement = placement.model_copy(update={"pauses": inserted})
    return placement.model_copy(update={"phonemes": placement.timed(slot.take.phonemes)})


def _shorten(slot: Slot, placement: Placement, room: Room, limits: FitLimits) -> Shorten | None:
    """What would make the line fit at the fastest preferred rate, if it has overflow.

    A line that only overflows because the one before it does is left as it is.
    """
    available = max(0, room.late - slot.start)
    factor = Fraction(available) * limits.fastest / slot.take.natural_length
    if not placement.overflow or (factor >= 1 and placement.shift > limits.late):
        return None
    percent = min(95, max(10, floor(100 * factor)))
    return Shorten(segment_id=slot.segment.id, factor=percent / 100, tolerance=limits.tolerance)
