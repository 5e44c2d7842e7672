"""Synthetic speech and beds with known content."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 48_000
Signal = NDArray[np.float32]


def speech(length: int, seed: int = 0, level: float = 0.1) -> Signal:
    """Syllable-like bursts of harmonics, (length,): what matters is energy over time."""
    time = np.arange(length) / RATE_HZ
    pitch = 110 + 20 * seed
    tone = sum(np.sin(2 * np.pi * pitch * k * time + k * seed) / k for k in range(1, 12))
    syllables = 0.55 - 0.45 * np.cos(2 * np.pi * 4 * time)
    return (level * syllables * tone).astype(np.float32)


def noise(length: int, channels: int, level: float = 0.02, seed: int = 1) -> Signal:
    """A different noise on each channel, (length, channels)."""
    generator = np.random.default_rng(seed)
    return (level * generator.standard_normal((length, channels))).astype(np.float32)


def si_sdr(found: NDArray[np.floating], wanted: NDArray[np.floating]) -> float:
    """Scale-invariant signal-to-distortion ratio in dB (Le Roux et al. 2019)."""
    found, wanted = found.ravel().astype(np.float64), wanted.ravel().astype(np.float64)
    target = wanted * (found @ wanted) / (wanted @ wanted)
    return float(10 * np.log10((target @ target) / max(np.square(found - target).sum(), 1e-30)))
