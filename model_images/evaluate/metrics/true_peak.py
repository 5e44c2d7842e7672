"""True peak of the deliverable's dub.

Method: ITU-R BS.1770-4 annex 2 (4x oversampled), by FFmpeg's `ebur128`, after decoding: an encoder
raises peaks that the mix kept down.
Source: ITU-R BS.1770-4, annex 2.
Version 1.
"""

from __future__ import annotations

from model_images.evaluate.analysis import programme
from model_images.evaluate.evidence import Evidence
from model_images.evaluate.protocol import Measured

METHOD = programme.METHOD
VERSION = "1"


def measure(evidence: Evidence) -> Measured:
    """dBTP; absent for digital silence."""
    return programme.answer(evidence.once(programme.programme).true_peak_dbtp)
