"""F0 as RVC's voices were trained on it: every 10 ms, 0 where unvoiced, and in 255 coarse steps."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.signal import medfilt

from model_images.common.pitch import pyworld
from model_images.convert_voice.rvc.config import FRAME_RATE_HZ
from model_images.convert_voice.rvc.pieces import CONTEXT, pieces
from model_images.convert_voice.rvc.sound import HEARING_RATE_HZ, Read, hear

Track = Callable[[NDArray[np.float32]], NDArray[np.float64]]
"""F0 in Hz of 16 kHz sound: at least one value for each 160 samples, 0 where unvoiced."""

FLOOR_HZ, CEILING_HZ = 50.0, 1100.0
FRAME_MS = 1000 / FRAME_RATE_HZ
_STEPS = 254
_SMOOTHED = 3  # frames: single wrong octaves go


def contour(read: Read, samples: int, frames: int, track: Track) -> NDArray[np.float64]:
    """F0 of a whole sound, (frames,), piece by piece."""
    found = np.zeros(frames)
    for piece in pieces(frames):
        heard = hear(read, samples, *piece.made)
        kept = track(heard)[CONTEXT:]
        found[piece.first : piece.end] = kept[: piece.end - piece.first]
    return found


def harvest(heard: NDArray[np.float32]) -> NDArray[np.float64]:
    """By Harvest (Morise, Interspeech 2017) with StoneMask: see `Track`."""
    wide = heard.astype(np.float64)
    f0, times = pyworld.harvest(
        wide, HEARING_RATE_HZ, f0_floor=FLOOR_HZ, f0_ceil=CEILING_HZ, frame_period=FRAME_MS
    )
    return medfilt(pyworld.stonemask(wide, f0, times, HEARING_RATE_HZ), _SMOOTHED)


def coarse(f0_hz: NDArray[np.float64]) -> NDArray[np.int64]:
    """Even steps on the mel scale from 50 to 1100 Hz, 1..255; unvoiced frames have 1."""
    lowest, highest = _mel(np.array([FLOOR_HZ, CEILING_HZ]))
    steps = (_mel(f0_hz) - lowest) * _STEPS / (highest - lowest) + 1
    return np.rint(np.clip(steps, 1, _STEPS + 1)).astype(np.int64)


def _mel(hertz: NDArray[np.float64]) -> NDArray[np.float64]:
    return 1127 * np.log1p(hertz / 700)
