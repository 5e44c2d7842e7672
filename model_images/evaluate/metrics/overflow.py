"""Time that each line lacks when it is spoken at the fastest allowed rate.

Method: the fit plan's overflow: by so much the line pushes the next one away, or begins too early.
The title's value is its worst line's.
Source: own; docs/adr/0006 says how lines give way.
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
    values = {
        line.id: ticks_to_seconds(line.placement.overflow)
        if line.placement
        else Absent("the line was never spoken")
        for line in evidence.lines
    }
    return evidence.of_lines(values, max)
