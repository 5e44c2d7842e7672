"""Whether what is heard at each line's place is that line.

Method: the highest correlation of log-mel spectra (32 bands, 5 ms, band means taken out) of the
line's take, as it was planned, with the decoded deliverable without its background, at shifts of up
to half a second. Only instants count in which nobody else speaks. The title's value is the mean.
Source: own; the mel bands are those of Slaney, "Auditory Toolbox" (1998).
Version 1.
"""

from __future__ import annotations

import numpy as np

from model_images.evaluate.analysis.search import Match, find_lines
from model_images.evaluate.evidence import Evidence
from model_images.evaluate.protocol import Measured

METHOD = "log-mel correlation of the deliverable with the planned take"
VERSION = "1"


def measure(evidence: Evidence) -> Measured:
    """1: the line; below about 0.35: something else, or nothing."""
    values = {
        id_: found.correlation if isinstance(found, Match) else found
        for id_, found in evidence.once(find_lines).items()
    }
    return evidence.of_lines(values, lambda matches: float(np.mean(matches)))
