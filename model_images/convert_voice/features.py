"""Acoustic features of a voice, for the record: what the conversion moved and what it kept.

* F0: `model_images.common.pitch`.
* MFCC: Davis and Mermelstein 1980, as librosa computes them (HTK-less Slaney mel, 40 bands), but
  without what numba compiles for `librosa.feature`: 50 s in every new container.
* Formants: roots of a linear predictor of order 12 at 10 kHz (autocorrelation method, Makhoul 1975;
  roots to formants by Atal and Hanauer 1971), median over the strongest frames.
* Wavelet energy: share of each octave band in a Daubechies-4 decomposition (Mallat 1989).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pywt
import soxr
from librosa.filters import mel
from numpy.typing import NDArray
from scipy.fft import dct
from scipy.linalg import solve_toeplitz
from scipy.signal import get_window

from model_images.common.pitch import PitchStatistics

FEATURE_RATE_HZ = 16_000
MFCC_COUNT = 13
FORMANT_COUNT = 3
WAVELET_LEVELS = 6
"""Bands, in Hz at 16 kHz: below 125, 125-250, ..., 4000-8000."""

Features = dict[str, Any]
"""`mfcc` (13,), `wavelet_energy` (7,) shares of 1, `formants_hz` (3,) where there are any."""

_MEL_BANDS, _MEL_WINDOW, _MEL_HOP = 40, 512, 160
_LEAST_POWER, _MEL_RANGE_DB = 1e-10, 80.0
_FORMANT_RATE_HZ = 10_000
_ORDER = 12
_FRAME, _HOP = 256, 128
_STRONGEST = 0.3  # of the frames: vowels
_WIDEST_BANDWIDTH_HZ = 400.0
_LOWEST_FORMANT_HZ = 150.0
_EMPHASIS = 0.97


def features(samples: NDArray[np.float64], sample_rate_hz: int) -> Features:
    """Features of some speech, rounded; empty when it is shorter than 50 ms.

    Args:
        samples: (n,), mono, full scale +-1.
    """
    if len(samples) < sample_rate_hz // 20 or not np.any(samples):
        return {}
    speech = soxr.resample(samples, sample_rate_hz, FEATURE_RATE_HZ, quality="HQ")
    formants = formants_hz(speech)
    return {
        "mfcc": mfcc_means(speech),
        "wavelet_energy": wavelet_energy(speech),
        **({"formants_hz": formants} if formants else {}),
    }


def mfcc_means(speech: NDArray[np.float64]) -> list[float]:
    """Mean of each of 13 mel-frequency cepstral coefficients of 16 kHz speech."""
    padded = np.pad(speech, _MEL_WINDOW // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, _MEL_WINDOW)[::_MEL_HOP]
    power = np.abs(np.fft.rfft(frames * get_window("hann", _MEL_WINDOW))) ** 2
    bands = power @ mel(sr=FEATURE_RATE_HZ, n_fft=_MEL_WINDOW, n_mels=_MEL_BANDS).T
    level_db = 10 * np.log10(np.maximum(bands, _LEAST_POWER))
    cepstra = dct(np.maximum(level_db, level_db.max() - _MEL_RANGE_DB), norm="ortho")
    return [round(float(mean), 2) for mean in cepstra[:, :MFCC_COUNT].mean(axis=0)]


def wavelet_energy(speech: NDArray[np.float64]) -> list[float]:
    """Share of the energy of 16 kHz speech in each octave band, lowest first."""
    bands = pywt.wavedec(speech, "db4", level=WAVELET_LEVELS)
    energy = np.array([float(np.sum(np.square(band))) for band in bands])
    return [round(float(share), 4) for share in energy / energy.sum()]


def formants_hz(speech: NDArray[np.float64]) -> list[float]:
    """F1, F2, F3 of 16 kHz speech: medians over its strongest frames; empty when there are none."""
    signal = soxr.resample(speech, FEATURE_RATE_HZ, _FORMANT_RATE_HZ, quality="HQ")
    if len(signal) < _FRAME:
        return []
    frames = np.lib.stride_tricks.sliding_window_view(signal, _FRAME)[::_HOP]
    power = np.mean(np.square(frames), axis=1)
    strong = frames[power >= np.quantile(power, 1 - _STRONGEST)]
    found = [f for f in map(_frame_formants, strong) if len(f) >= FORMANT_COUNT]
    if not found:
        return []
    medians = np.median([f[:FORMANT_COUNT] for f in found], axis=0)
    return [round(float(median)) for median in medians]


def _frame_formants(frame: NDArray[np.float64]) -> NDArray[np.float64]:
    """Resonances of one frame in Hz, lowest first, narrow ones only."""
    emphasised = np.append(frame[0], frame[1:] - _EMPHASIS * frame[:-1]) * np.hamming(len(frame))
    lags = np.correlate(emphasised, emphasised, "full")[len(frame) - 1 :][: _ORDER + 1]
    if lags[0] <= 0:
        return np.zeros(0)
    lags[0] *= 1 + 1e-9  # keeps the system solvable for a pure tone
    predictor = np.append(1.0, -solve_toeplitz(lags[:-1], lags[1:]))
    roots = np.roots(predictor)
    roots = roots[roots.imag > 0]
    frequencies = np.angle(roots) * _FORMANT_RATE_HZ / (2 * np.pi)
    bandwidths = -np.log(np.abs(roots)) * _FORMANT_RATE_HZ / np.pi
    narrow = (bandwidths < _WIDEST_BANDWIDTH_HZ) & (frequencies > _LOWEST_FORMANT_HZ)
    return np.sort(frequencies[narrow])


def pitch_features(pitch: PitchStatistics) -> Features:
    """F0 statistics as features."""
    return {
        "f0_mean_hz": pitch.mean_hz,
        "f0_deviation_semitones": pitch.deviation_semitones,
    }


def average(rows: Sequence[tuple[float, Features]]) -> Features:
    """Features of several pieces of one voice as weighted means.

    Args:
        rows: (weight, features); a feature is averaged over the pieces that have it.
    """
    merged: Features = {}
    for name in sorted({name for _, row in rows for name in row}):
        having = [(weight, row[name]) for weight, row in rows if name in row]
        mean = np.average(
            [value for _, value in having], axis=0, weights=[weight for weight, _ in having]
        )
        merged[name] = np.round(mean, 4).tolist()
    return merged
