"""A placed line in time: which instant is which of its take, and who else sounds meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from airdub.timing.plan import Placement

if TYPE_CHECKING:
    from model_images.evaluate.evidence import DubbedLine, Evidence

Span = tuple[int, int]
Instants = NDArray[np.int64]
"""Ticks."""


def positions_in_take(placement: Placement, instants: Instants) -> NDArray[np.float64]:
    """Which sample of the take sounds when.

    Args:
        instants: from the line's start.

    Returns:
        As many, in samples of the take; NaN in pauses and outside of the line.
    """
    cuts = [0, *(pause.at for pause in placement.pauses), placement.stretched_length]
    waited = np.cumsum([0, *(pause.length for pause in placement.pauses)])
    positions = np.full(len(instants), np.nan)
    for first, last, wait in zip(cuts, cuts[1:], waited, strict=False):
        inside = (instants >= first + wait) & (instants < last + wait)
        positions[inside] = (instants[inside] - wait) / float(placement.stretch)
    return positions


def voices(evidence: Evidence) -> tuple[tuple[str, Span], ...]:
    """Every voice of the dub as (segment id, span): placed lines and kept originals."""
    plan = evidence.plan
    return tuple(
        (each.segment_id, (each.start, each.end)) for each in (*plan.placements, *plan.kept)
    )


def others(evidence: Evidence, line: DubbedLine) -> list[Span]:
    """Spans in which other voices sound during a line of the dub."""
    if line.placement is None:
        return []
    start, end = line.placement.start, line.placement.end
    return [
        span
        for id_, span in evidence.once(voices)
        if id_ != line.id and span[0] < end and span[1] > start
    ]


def outside(instants: Instants, spans: list[Span]) -> NDArray[np.bool_]:
    """Which instants lie in none of the spans."""
    free = np.ones(len(instants), bool)
    for start, end in spans:
        free &= (instants < start) | (instants >= end)
    return free


def undisturbed(span: Span, spans: list[Span]) -> list[Span]:
    """The parts of a span that lie in none of the spans, in order."""
    free, reached = [], span[0]
    for start, end in sorted(spans):
        if reached < min(start, span[1]):
            free.append((reached, min(start, span[1])))
        reached = max(reached, end)
    if reached < span[1]:
        free.append((reached, span[1]))
    return free


def unlisted_speech(evidence: Evidence) -> list[Span]:
    """Speech of the source that the transcript doesn't have: nobody dubs or keeps it."""
    listed = [(segment.start, segment.end) for segment in evidence.transcript.segments]
    return [free for span in evidence.speech.spans for free in undisturbed(span, listed)]
