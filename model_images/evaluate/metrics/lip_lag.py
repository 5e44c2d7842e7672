"""How far are lips and voice apart in time?

Method: the shift, up to a second either way, at which the correlation of `lip_sync` is greatest;
its sign is left out. Lips that begin 20 - 50 ms before their sound are natural.
Source: as `lip_sync`.
Version 1.
"""

from __future__ import annotations

from model_images.evaluate.analysis import lip_rhythm
from model_images.evaluate.evidence import Evidence
from model_images.evaluate.protocol import Absent, Measured, Value

METHOD = lip_rhythm.METHOD
VERSION = "1"


def measure(evidence: Evidence) -> Measured:
    """Milliseconds."""
    rhythm = evidence.once(lip_rhythm.lip_rhythm)
    if isinstance(rhythm, Absent):
        return Measured(rhythm)
    lag = float(abs(rhythm.lag_ms))
    return Measured(Value(lag, rhythm.frames, evidence.coverage(rhythm.lines)))
