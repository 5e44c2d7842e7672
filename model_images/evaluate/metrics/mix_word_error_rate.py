"""Can a viewer understand the lines over music and effects? The same on the deliverable itself.

Method: as `word_error_rate`, on the dubbed track as it is decoded from the deliverable. Lines over
which an original voice was kept can't be told apart from it and are absent.
Source: as `word_error_rate`.
Version 1.
"""

from __future__ import annotations

from model_images.evaluate.analysis import hearing
from model_images.evaluate.evidence import Evidence
from model_images.evaluate.protocol import Measured

METHOD = hearing.METHOD
VERSION = hearing.VERSION


def measure(evidence: Evidence) -> Measured:
    """Errors per word that should be heard; above 1 where more is heard than should be."""
    kept = [(span.start, span.end) for span in evidence.plan.kept]
    return hearing.measure_errors(evidence, evidence.dub_sound, kept)
