"""Loudness of the whole dub: one pass of ffmpeg's `ebur128` over the encoded deliverable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from model_images.common.ffmpeg import Loudness, measure_loudness
from model_images.evaluate.protocol import Absent, Measured, Value

if TYPE_CHECKING:
    from model_images.evaluate.evidence import Evidence

METHOD = "FFmpeg ebur128 (EBU R 128, ITU-R BS.1770-4) on the deliverable"


def programme(evidence: Evidence) -> Loudness:
    """Integrated loudness, true peak and loudness range of the deliverable's first sound track."""
    return measure_loudness(
        evidence.path("deliverable"),
        "0:a:0",
        length_ticks=evidence.facts.duration_ticks,
        report=evidence.progress,
    )


def answer(value: float | None) -> Measured:
    """A figure of the whole dub as a metric's answer."""
    return Measured(Absent("the dub is silent") if value is None else Value(value))
