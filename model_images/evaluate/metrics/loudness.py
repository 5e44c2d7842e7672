"""Integrated loudness of the deliverable's dub.

Method: ITU-R BS.1770-4 with EBU R 128's gates, by FFmpeg's `ebur128`, after decoding.
Source: ITU-R BS.1770-4; EBU R 128.
Version 1.
"""

from __future__ import annotations

from model_images.evaluate.analysis import programme
from model_images.evaluate.evidence import Evidence
from model_images.evaluate.protocol import Measured

METHOD = programme.METHOD
VERSION = "1"


def measure(evidence: Evidence) -> Measured:
    """LUFS; absent when nothing is above -70 LUFS."""
    return programme.answer(evidence.once(programme.programme).integrated_lufs)
