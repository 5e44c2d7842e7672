"""Loudness range (LRA) of the deliverable's dub.

Method: EBU Tech 3342, by FFmpeg's `ebur128`, after decoding.
Source: EBU Tech 3342.
Version 1.
"""

from __future__ import annotations

from model_images.evaluate.analysis import programme
from model_images.evaluate.evidence import Evidence
from model_images.evaluate.protocol import Measured

METHOD = programme.METHOD
VERSION = "1"


def measure(evidence: Evidence) -> Measured:
    """LU; absent when nothing is above -70 LUFS."""
    return programme.answer(evidence.once(programme.programme).range_lu)
