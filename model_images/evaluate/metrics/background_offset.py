"""How far the deliverable's background lies from where it is in the source.

Method: in windows of 5 s, the lag of the cross-correlation of the decoded dub, its dialogue taken
out, with the source's background; windows where no lag stands out (silence, a hum) don't count.
The title's value is the largest: a jump and a drift are seen wherever they are. Not applicable to a
title without any background.
Source: own.
Version 1.
"""

from __future__ import annotations

from airdub.units import TICKS_PER_MS
from model_images.evaluate.analysis.background import find_bed
from model_images.evaluate.evidence import Evidence
from model_images.evaluate.protocol import Measured

METHOD = "cross-correlation of the deliverable with the source's background"
VERSION = "1"


def measure(evidence: Evidence) -> Measured:
    """Milliseconds, early or late alike; absent when the background is nowhere found."""
    bed = evidence.once(find_bed)
    largest = max((abs(window.lag) for window in bed.windows), default=0)
    return bed.answer(largest / TICKS_PER_MS)
