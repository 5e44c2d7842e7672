"""The sound that is converted, as features and pitch hear it: 16 kHz, from wherever it lies."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfiltfilt

from model_images.convert_voice.rvc.config import FRAME_RATE_HZ

HEARING_RATE_HZ = 16_000
HOP = HEARING_RATE_HZ // FRAME_RATE_HZ
"""Samples of a frame."""

Read = Callable[[int, int], NDArray[np.float32]]
"""Samples `first` up to `end` of a 16 kHz sound, both within it."""

_LOWEST_HZ, _ORDER = 48.0, 5


def hear(read: Read, samples: int, first: int, end: int, extra: int = 0) -> NDArray[np.float32]:
    """Frames `first` up to `end` of a sound without rumble; beyond its ends it is mirrored.

    Some of them lie in the sound.

    Args:
        samples: the sound's length, at least 1.
        extra: samples after the last frame.
    """
    start, stop = first * HOP, end * HOP + extra
    there = read(max(0, start), min(stop, samples))
    padded = np.pad(there, (max(0, -start), max(0, stop - samples)), mode="reflect")
    return sosfiltfilt(_high_pass(), padded).astype(np.float32)


@cache
def _high_pass() -> NDArray[np.float64]:
    return butter(_ORDER, _LOWEST_HZ, "highpass", fs=HEARING_RATE_HZ, output="sos")
