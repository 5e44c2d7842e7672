"""Loudness of each line over that of the background under it, in the deliverable.

Method: ITU-R BS.1770-4 with its gates, by pyloudnorm (Steinmetz and Reiss 2021), of the decoded
dub without its background, and of the background at the gain at which it is in the dub, both on the
channels where dialogue lies. Background below -70 LUFS counts as -70. The title's value is the
mean of its lines.
Source: ITU-R BS.1770-4; Steinmetz and Reiss, "pyloudnorm" (AES 150th Convention, 2021).
Version 1.
"""

from __future__ import annotations

import numpy as np
import pyloudnorm

from airdub.units import CLOCK_HZ, ms_to_ticks
from model_images.evaluate.analysis.places import Span, others, undisturbed
from model_images.evaluate.analysis.voice import Mono, background_under, heard_voice
from model_images.evaluate.evidence import DubbedLine, Evidence
from model_images.evaluate.protocol import Absent, Measured

METHOD = "BS.1770-4 (pyloudnorm) of the deliverable's voice over its background"
VERSION = "1"

_SHORTEST = ms_to_ticks(500)
_LONGEST = 60 * CLOCK_HZ
_SILENCE_LUFS = -70.0
_METER = pyloudnorm.Meter(CLOCK_HZ)


def measure(evidence: Evidence) -> Measured:
    """LU; negative: the background is louder."""
    values: dict[str, float | Absent] = {}
    for line in evidence.lines:
        values[line.id] = _ratio(evidence, line)
        evidence.progress(len(values), len(evidence.lines), "lines")
    return evidence.of_lines(values, lambda ratios: float(np.mean(ratios)))


def _ratio(evidence: Evidence, line: DubbedLine) -> float | Absent:
    if line.placement is None:
        return Absent("the line was never spoken")
    span = (line.placement.start, min(line.placement.end, line.placement.start + _LONGEST))
    free = undisturbed(span, others(evidence, line))
    start, end = max(free, key=_length, default=(0, 0))
    if end - start < _SHORTEST:
        return Absent("too little of the line is spoken alone")
    voice = loudness(heard_voice(evidence, start, end))
    return voice - loudness(background_under(evidence, start, end))


def _length(span: Span) -> int:
    return span[1] - span[0]


def loudness(sound: Mono) -> float:
    """LUFS of (n,) at 48 kHz, 400 ms or more; -70 is silence."""
    with np.errstate(divide="ignore"):
        lufs = float(_METER.integrated_loudness(sound.astype(np.float64)))
    return max(_SILENCE_LUFS, lufs)
