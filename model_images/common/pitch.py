"""Fundamental frequency of voices: contours by WORLD, and their robust statistics.

Methods: Harvest (Morise, Interspeech 2017) for analysis; DIO with StoneMask (Morise et al. 2009,
2016), ten times faster, where a figure is enough and where Harvest's own result is checked.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

with warnings.catch_warnings():
    warnings.simplefilter("ignore", UserWarning)  # pyworld imports the deprecated pkg_resources
    import pyworld

FRAME_MS = 5.0
FLOOR_HZ, CEILING_HZ = 60.0, 600.0
_OCTAVE_ERROR = 0.9  # octaves off the median: a halved or doubled pitch, not intonation
_FEWEST_FRAMES = 10
_SEMITONES = 12.0


@dataclass(frozen=True)
class PitchStatistics:
    """How high somebody speaks, rounded so that it can be part of a cache key.

    Attributes:
        mean_hz: geometric mean of the voiced frames' F0, to 0.1 Hz.
        deviation_semitones: standard deviation of log F0, to 0.01.
        voiced_ms: length of the voiced frames that were counted.
    """

    mean_hz: float
    deviation_semitones: float
    voiced_ms: int


def contour(samples: NDArray[np.float64], sample_rate_hz: int) -> NDArray[np.float64]:
    """F0 in Hz every 5 ms by Harvest, float64 (n // 5 ms + 1,); 0 where unvoiced."""
    f0, _ = pyworld.harvest(
        samples, sample_rate_hz, f0_floor=FLOOR_HZ, f0_ceil=CEILING_HZ, frame_period=FRAME_MS
    )
    return f0


def quick_contour(samples: NDArray[np.float64], sample_rate_hz: int) -> NDArray[np.float64]:
    """As `contour`, by DIO and StoneMask: fast, but it misses some voicing."""
    f0, times = pyworld.dio(
        samples, sample_rate_hz, f0_floor=FLOOR_HZ, f0_ceil=CEILING_HZ, frame_period=FRAME_MS
    )
    return pyworld.stonemask(samples, f0, times, sample_rate_hz)


def statistics(f0: NDArray[np.float64], frame_ms: float = FRAME_MS) -> PitchStatistics | None:
    """Statistics of the voiced frames, octave errors left out; None when too few are voiced."""
    voiced = np.log2(f0[f0 > 0])
    if len(voiced) >= _FEWEST_FRAMES:
        voiced = voiced[np.abs(voiced - np.median(voiced)) < _OCTAVE_ERROR]
    if len(voiced) < _FEWEST_FRAMES:
        return None
    return PitchStatistics(
        mean_hz=round(float(np.exp2(voiced.mean())), 1),
        deviation_semitones=round(float(_SEMITONES * voiced.std()), 2),
        voiced_ms=round(len(voiced) * frame_ms),
    )
