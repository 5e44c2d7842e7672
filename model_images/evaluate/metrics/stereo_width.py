"""How much wider or narrower the background is than in the source: a collapse to mono is far below
0.

Method: side over mid (half the difference and half the sum of the front left and right channels) of
the background in the decoded dub, against the same of the source's background, in the windows of
5 s in which it is found. The dub's mid and side are the source's own at the gains at which they are
found in the dub; its side is all that is there besides the dialogue stem, where that is more than
an encoder's noise. A side that lies 30 dB and more below its mid is none and counts as 30 dB: a
title in mono has 0 dB, as long as its dub is in mono. Not applicable to a title without any
background.
Source: own.
Version 1.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model_images.common.pcm import read_span
from model_images.evaluate.analysis.background import BedWindow, find_bed, gains_in
from model_images.evaluate.evidence import Evidence
from model_images.evaluate.protocol import Measured

METHOD = "side over mid of the deliverable's background against the source's"
VERSION = "1"

Signal = NDArray[np.float64]
Energies = NDArray[np.float64]

_NO_SIDE_DB = -30.0
_NOISE = 1e-3  # of the dub's mid, voices and all: an encoder's noise on the side


def measure(evidence: Evidence) -> Measured:
    """dB; negative is narrower."""
    bed = evidence.once(find_bed)
    energies = [_energies(evidence, window) for window in bed.windows]
    mid, side, dub_mid, dub_side = np.sum([np.zeros(4), *energies], axis=0)
    return bed.answer(_width_db(dub_mid, dub_side) - _width_db(mid, side))


def _width_db(mid: float, side: float) -> float:
    return max(_NO_SIDE_DB, 10 * float(np.log10((side + 1e-12) / (mid + 1e-12))))


def _energies(evidence: Evidence, window: BedWindow) -> Energies:
    """Of the background's mid and side in the source, then in the dub."""
    mid, side = _mid_side(evidence.path("background"), window.start - window.lag, window)
    dub_mid, dub_side = _mid_side(evidence.dub_sound, window.start, window)
    said, _ = _mid_side(evidence.path("dialogue_stem"), window.start - window.lag, window)
    own_side = gains_in(dub_side, side, said)[0] ** 2 * (side @ side)
    rest = dub_side - said * gains_in(dub_side, said)[0]
    if rest @ rest > _NOISE * (dub_mid @ dub_mid):
        own_side = max(own_side, rest @ rest)
    own_mid = gains_in(dub_mid, mid, said)[0] ** 2 * (mid @ mid)
    return np.array([mid @ mid, side @ side, own_mid, own_side])


def _mid_side(file: Path, start: int, window: BedWindow) -> tuple[Signal, Signal]:
    samples = read_span(file, start, start + window.end - window.start).astype(np.float64)
    left, right = samples[:, 0], samples[:, min(1, samples.shape[1] - 1)]
    return (left + right) / 2, (left - right) / 2
