"""Spans: scenes, what is on screen, and where the original voice stays."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

from airdub.timing.plan import Kept, Placement
from airdub.transcript import Action, Segment
from airdub.units import CLOCK_HZ

Span = tuple[int, int]

SCENE_SILENCE = 2 * CLOCK_HZ
ON_SCREEN_QUARTER = 4


def scene_cuts(cuts: Iterable[int], segments: Sequence[Segment]) -> tuple[int, ...]:
    """Which cuts between shots are changes of scene.

    A cut inside a conversation is not one: speech may run over it. A cut counts when no speech
    crosses it and the silence around it lasts 2 s or more.

    Args:
        cuts: ticks of the first frame of each shot.

    Returns:
        Ticks, in order.
    """
    starts = sorted(segment.start for segment in segments)
    ends = sorted(segment.end for segment in segments)
    found = []
    for cut in sorted({cut for cut in cuts if cut > 0}):
        ended, begun = bisect_right(ends, cut), bisect_left(starts, cut)
        crossing = begun - ended  # begun before the cut and not ended by it
        before = ends[ended - 1] if ended else -SCENE_SILENCE
        after = starts[begun] if begun < len(starts) else cut + SCENE_SILENCE
        if crossing <= 0 and after - before >= SCENE_SILENCE:
            found.append(cut)
    return tuple(found)


def covered(span: Span, others: Iterable[Span]) -> int:
    """Ticks of a span that lie inside any of the others (which don't overlap each other)."""
    start, end = span
    return sum(max(0, min(end, stop) - max(start, begin)) for begin, stop in others)


def is_on_screen(span: Span, on_screen: Sequence[Span] | None) -> bool:
    """Whether a face speaks visibly for a quarter of the span; unknown (None) counts as yes."""
    if on_screen is None:
        return True
    return ON_SCREEN_QUARTER * covered(span, on_screen) >= span[1] - span[0]


def without(span: Span, holes: Iterable[Span]) -> list[Span]:
    """What is left of a span outside the holes, in order."""
    left, position = [], span[0]
    for start, end in sorted(holes):
        if end <= position or start >= span[1]:
            continue
        if start > position:
            left.append((position, start))
        position = end
    if position < span[1]:
        left.append((position, span[1]))
    return left


def kept_spans(
    segments: Sequence[Segment], placements: Sequence[Placement], duration: int
) -> tuple[Kept, ...]:
    """Where the original voice stays: see `Kept`."""
    replaced = [(s.start, s.end) for s in segments if s.action is Action.DUB]
    spoken: dict[str, list[Span]] = {}
    for placement in placements:
        spoken.setdefault(placement.speaker, []).append((placement.start, placement.end))
    return tuple(
        Kept(segment_id=segment.id, start=start, end=end)
        for segment in segments
        if segment.action is not Action.DUB
        for start, end in without(
            (segment.start, min(segment.end, duration)),
            [*replaced, *spoken.get(segment.speaker, [])],
        )
    )
