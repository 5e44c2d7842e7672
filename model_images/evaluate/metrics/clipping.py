"""Share of each line's loud peaks that are cut flat: by a limit that the voice was driven into,
before or after the mix, whatever its level is now.

Method: widths of peaks near their tops over those at half their height (see
`analysis/flat_tops.py`), in the decoded deliverable, and in it without its background; the worse of
them counts. The title's value is the mean of its lines.
Source: own.
Version 1.
"""

from __future__ import annotations

import numpy as np

from airdub.units import CLOCK_HZ
from model_images.common.pcm import read_span
from model_images.evaluate.analysis.flat_tops import flat_share
from model_images.evaluate.analysis.voice import heard_voice, voice_channels
from model_images.evaluate.evidence import DubbedLine, Evidence
from model_images.evaluate.protocol import Absent, Measured

METHOD = "shape of loud peaks in the deliverable"
VERSION = "1"

_LONGEST = 60 * CLOCK_HZ


def measure(evidence: Evidence) -> Measured:
    """0..1."""
    values: dict[str, float | Absent] = {}
    for line in evidence.lines:
        values[line.id] = _share(evidence, line)
        evidence.progress(len(values), len(evidence.lines), "lines")
    return evidence.of_lines(values, lambda shares: float(np.mean(shares)))


def _share(evidence: Evidence, line: DubbedLine) -> float | Absent:
    if line.placement is None:
        return Absent("the line was never spoken")
    start = line.placement.start
    end = min(line.placement.end, start + _LONGEST)
    channels = voice_channels(read_span(evidence.dub_sound, start, end))
    sounds = [heard_voice(evidence, start, end), *np.ascontiguousarray(channels.T)]
    shares = [share for share in map(flat_share, sounds) if share is not None]
    return max(shares) if shares else Absent("the line has too few loud peaks")
