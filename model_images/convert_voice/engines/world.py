"""Pitch and intonation of the source's speaker by the WORLD vocoder.

Mean and standard deviation of log F0 are moved to the speaker's; spectral envelope (formant factor
1.0) and aperiodicity stay. Method: Morise, Yokomori, Ozawa, "WORLD: a vocoder-based high-quality
speech synthesis system for real-time applications", IEICE 2016 (Harvest, CheapTrick, D4C).
"""

from __future__ import annotations

import numpy as np
import soxr
from numpy.typing import NDArray

from model_images.common.pitch import FRAME_MS, PitchStatistics, contour, pyworld, statistics
from model_images.convert_voice.levels import fitted, like
from model_images.convert_voice.protocol import Limits, TrainedVoice

_WORKING_RATE_HZ = 24_000  # half the work of 48 kHz; the embedded voices end at 8 and 11 kHz
_LOWEST_HZ, _HIGHEST_HZ = 50.0, 700.0
_SHORTEST_INTONATION_MS = 500  # of voiced sound: a shorter take's own deviation says nothing


class World:
    """F0 matching by WORLD."""

    uses_reference = True
    uses_trained_voice = False

    def __init__(self, limits: Limits) -> None:
        self._limits = limits

    def convert(
        self,
        samples: NDArray[np.float64],
        sample_rate_hz: int,
        target: PitchStatistics,
        trained: TrainedVoice | None = None,
    ) -> NDArray[np.float64] | None:
        """Analyse at 24 kHz, move F0, synthesise; loudness (RMS) and length stay."""
        speech = soxr.resample(samples, sample_rate_hz, _WORKING_RATE_HZ, quality="VHQ")
        f0 = contour(speech, _WORKING_RATE_HZ)
        own = statistics(f0)
        if own is None:
            return None
        times = np.arange(len(f0)) * FRAME_MS / 1000
        envelope = pyworld.cheaptrick(speech, f0, times, _WORKING_RATE_HZ)
        aperiodicity = pyworld.d4c(speech, f0, times, _WORKING_RATE_HZ)
        moved = move_f0(f0, own, target, self._limits)
        spoken = pyworld.synthesize(moved, envelope, aperiodicity, _WORKING_RATE_HZ, FRAME_MS)
        converted = soxr.resample(spoken, _WORKING_RATE_HZ, sample_rate_hz, quality="VHQ")
        return like(fitted(converted, len(samples)), samples)


def move_f0(
    f0: NDArray[np.float64], own: PitchStatistics, target: PitchStatistics, limits: Limits
) -> NDArray[np.float64]:
    """F0 with the target's mean and deviation of log F0, within the limits; 0 stays 0.

    A take with little voiced sound keeps its own intonation.
    """
    ratio = np.clip(target.mean_hz / own.mean_hz, limits.lowest_ratio, limits.highest_ratio)
    widened = target.deviation_semitones / max(own.deviation_semitones, 0.01)
    slope = np.clip(widened, 1 / limits.deviation_ratio, limits.deviation_ratio)
    if own.voiced_ms < _SHORTEST_INTONATION_MS:
        slope = 1.0
    voiced = f0 > 0
    moved = np.zeros_like(f0)
    moved[voiced] = own.mean_hz * ratio * (f0[voiced] / own.mean_hz) ** slope
    moved[voiced] = np.clip(moved[voiced], _LOWEST_HZ, _HIGHEST_HZ)
    return moved


def create(limits: Limits, seed: int = 0) -> World:
    """The engine; it draws nothing by chance."""
    return World(limits)
