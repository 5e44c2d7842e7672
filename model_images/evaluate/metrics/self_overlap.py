"""Time in which a speaker talks over himself.

Method: overlaps in the fit plan between a line and what the same speaker began before it, dubbed
lines and kept originals alike; each overlap counts once, for the later one. The title's value is
the sum.
Source: own.
Version 1.
"""

from __future__ import annotations

from airdub.units import ticks_to_seconds
from model_images.evaluate.evidence import Evidence
from model_images.evaluate.protocol import Absent, Measured

METHOD = "fit plan"
VERSION = "1"


def measure(evidence: Evidence) -> Measured:
    """Seconds, 0 and more."""
    overlaps = _overlaps(evidence)
    values = {
        line.id: ticks_to_seconds(overlaps.get(line.id, 0))
        if line.placement
        else Absent("the line was never spoken")
        for line in evidence.lines
    }
    return evidence.of_lines(values, sum)


def _overlaps(evidence: Evidence) -> dict[str, int]:
    """Ticks by the later one's segment id."""
    speakers = {segment.id: segment.speaker for segment in evidence.transcript.segments}
    sounding = [*evidence.plan.placements, *evidence.plan.kept]
    reached: dict[str, int] = {}
    overlaps: dict[str, int] = {}
    for each in sorted(sounding, key=lambda each: (each.start, each.end)):
        speaker = speakers[each.segment_id]
        before = reached.get(speaker, 0)
        overlap = max(0, min(before, each.end) - each.start)
        overlaps[each.segment_id] = overlaps.get(each.segment_id, 0) + overlap
        reached[speaker] = max(before, each.end)
    return overlaps
