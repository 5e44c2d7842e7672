"""Predicted quality of each line's speech against that of the line it replaces.

Method: DNSMOS P.835 OVRL (see `analysis/quality.py`) of the line in the dialogue stem minus that of
its original in the source's separated dialogue. The title's value is the mean.
Source: Reddy, Gopal and Cutler, "DNSMOS P.835" (ICASSP 2022); the difference is our own.
Version 1.
"""

from __future__ import annotations

import numpy as np

from model_images.evaluate.analysis import quality
from model_images.evaluate.evidence import Evidence
from model_images.evaluate.protocol import Absent, Measured

METHOD = f"{quality.METHOD}, dub minus source"
VERSION = quality.VERSION


def measure(evidence: Evidence) -> Measured:
    """MOS; negative is worse than the source."""
    dub, source = evidence.once(quality.dub_quality), evidence.once(quality.source_quality)
    values = {id_: _difference(score, source[id_]) for id_, score in dub.items()}
    return evidence.of_lines(values, lambda deltas: float(np.mean(deltas)))


def _difference(dub: float | Absent, source: float | Absent) -> float | Absent:
    if isinstance(dub, Absent):
        return dub
    if isinstance(source, Absent):
        return Absent(f"no original to compare with: {source.reason}")
    return dub - source
