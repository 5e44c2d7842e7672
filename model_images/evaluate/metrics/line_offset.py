"""How far from its plan each line is heard in the deliverable.

Method: the shift, up to half a second, at which the log-mel spectra of the take and of the decoded
deliverable without its background correlate best (see `line_match`), between steps of 5 ms by a
parabola. A line that isn't heard has no offset. The title's value is the mean.
Source: own; as `line_match`.
Version 1.
"""

from __future__ import annotations

import numpy as np

from model_images.evaluate.analysis.search import Match, find_lines
from model_images.evaluate.evidence import Evidence
from model_images.evaluate.protocol import Absent, Measured

METHOD = "lag of the log-mel correlation of the deliverable with the planned take"
VERSION = "1"

_HEARD = 0.45
"""Correlation from which a line is heard at all; other words reach 0.35."""


def measure(evidence: Evidence) -> Measured:
    """Milliseconds, early or late alike."""
    values = {id_: _offset(found) for id_, found in evidence.once(find_lines).items()}
    return evidence.of_lines(values, lambda offsets: float(np.mean(offsets)))


def _offset(found: Match | Absent) -> float | Absent:
    if isinstance(found, Absent):
        return found
    if found.correlation < _HEARD:
        return Absent("the line is not heard within half a second of its place")
    return abs(found.late_ms)
