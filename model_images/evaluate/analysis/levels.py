"""Levels of whole files every 50 ms: what is kept of hours of sound is a few megabytes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from airdub.units import ms_to_ticks
from model_images.common.pcm import read_blocks

Levels = NDArray[np.float32]

STEP = ms_to_ticks(50)
_BLOCK = 100 * STEP
_LOUD = 95  # percentile


def levels_db(file: Path) -> Levels:
    """RMS over all channels of each 50 ms of a 48 kHz file, dBFS, (n,); -120 is silence."""
    found = [np.zeros(0)]
    for block in read_blocks(file, _BLOCK):
        power = np.square(block, dtype=np.float64).mean(axis=1)
        whole = np.pad(power, (0, -len(power) % STEP)).reshape(-1, STEP)
        found.append(10 * np.log10(whole.mean(axis=1) + 1e-12))
    return np.concatenate(found).astype(np.float32)


def loud_db(levels: Levels) -> float:
    """Level of the loud moments: the 95th percentile; -120 of nothing."""
    return float(np.percentile(levels, _LOUD)) if len(levels) else -120.0
