"""Overall quality of each line's speech, predicted.

Method: DNSMOS P.835 OVRL (see `analysis/quality.py`) on the line in the dialogue stem, where nobody
else speaks; it can't exceed 3.93. Differences below 0.4 say little. The title's value is the mean.
Source: Reddy, Gopal and Cutler, "DNSMOS P.835" (ICASSP 2022).
Version 1.
"""

from __future__ import annotations

import numpy as np

from model_images.evaluate.analysis import quality
from model_images.evaluate.evidence import Evidence
from model_images.evaluate.protocol import Measured

METHOD = quality.METHOD
VERSION = quality.VERSION


def measure(evidence: Evidence) -> Measured:
    """MOS from 1 to 3.93."""
    values = evidence.once(quality.dub_quality)
    return evidence.of_lines(values, lambda scores: float(np.mean(scores)))
