"""How much faster than its voice's natural rate each line is spoken, engine and stretch together.

Method: the fit plan's natural length over final length without pauses. The title's value is the
mean of its lines.
Source: own; docs/adr/0006 says how lines give way.
Version 1.
"""

from __future__ import annotations

import numpy as np

from model_images.evaluate.evidence import Evidence
from model_images.evaluate.protocol import Absent, Measured

METHOD = "fit plan"
VERSION = "1"


def measure(evidence: Evidence) -> Measured:
    """1 is natural, 1.2 a fifth faster."""
    values = {
        line.id: float(line.placement.rate)
        if line.placement
        else Absent("the line was never spoken")
        for line in evidence.lines
    }
    return evidence.of_lines(values, lambda rates: float(np.mean(rates)))
