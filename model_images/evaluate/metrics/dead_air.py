"""Longest silence of the dub where the source sounds: a hole in the sound.

Method: levels of the decoded dub and of the source every 50 ms. The dub is silent 40 dB below its
loud moments (95th percentile), the source sounds down to 30 dB below its own. Of each silence only
the time counts in which the source sounds: a pause that the source has too is no hole.
Source: own.
Version 1.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from airdub.units import ticks_to_seconds
from model_images.evaluate.analysis.levels import STEP, levels_db, loud_db
from model_images.evaluate.evidence import Evidence
from model_images.evaluate.protocol import Absent, Measured, Value

METHOD = "levels of the deliverable against the source's"
VERSION = "1"

_SILENT_DB, _SOUNDS_DB = 40.0, 30.0
_SILENCE_DBFS = -70.0


def measure(evidence: Evidence) -> Measured:
    """Seconds, 0 and more; absent for a source that is silent all along."""
    source, dub = levels_db(evidence.path("original")), levels_db(evidence.dub_sound)
    size = min(len(source), len(dub))
    sounds = source[:size] >= max(_SILENCE_DBFS, loud_db(source) - _SOUNDS_DB)
    if not sounds.any():
        return Measured(Absent("the source is silent"))
    silent = dub[:size] < max(_SILENCE_DBFS, loud_db(dub) - _SILENT_DB)
    return Measured(Value(ticks_to_seconds(longest_hole(silent, sounds) * STEP), size))


def longest_hole(silent: NDArray[np.bool_], sounds: NDArray[np.bool_]) -> int:
    """Most steps with `sounds` within one unbroken run of `silent`; both (n,)."""
    sums = np.concatenate([[0], np.cumsum(sounds & silent)])
    edges = np.flatnonzero(np.diff(np.concatenate([[0], silent.astype(np.int8), [0]])))
    return int(max(sums[edges[1::2]] - sums[edges[::2]], default=0))
