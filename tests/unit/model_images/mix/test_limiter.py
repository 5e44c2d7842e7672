"""Peaks go under the ceiling, everything else stays to the bit, and blocks join."""

from __future__ import annotations

import numpy as np
import pytest

from model_images.mix.limiter import CONTEXT, limiter_gain
from model_images.mix.loudness import PEAK_CONTEXT, true_peaks
from tests.unit.model_images.mix.sounds import RATE_HZ, noise


def padded(signal: np.ndarray) -> np.ndarray:
    return np.pad(signal, ((CONTEXT, CONTEXT), (0, 0)))


def peak_db(signal: np.ndarray) -> float:
    context = np.pad(signal, ((PEAK_CONTEXT, PEAK_CONTEXT), (0, 0)))
    return float(20 * np.log10(true_peaks(context).max()))


def test_no_true_peak_passes_the_ceiling() -> None:
    signal = noise(RATE_HZ, 2, 0.4)
    assert peak_db(signal) > 3
    gain = limiter_gain(padded(signal), -1.5)
    limited = signal * gain[:, None]
    assert -1.9 < peak_db(limited) <= -1.5
    assert gain.max() <= 1


def test_gain_is_exactly_one_away_from_a_peak() -> None:
    signal = noise(RATE_HZ, 2, 0.02)
    signal[RATE_HZ // 2] = 2.0
    gain = limiter_gain(padded(signal), -1.5)
    away = np.abs(np.arange(RATE_HZ) - RATE_HZ // 2) > RATE_HZ // 20
    assert (gain[away] == 1).all()
    assert gain[RATE_HZ // 2] == pytest.approx(0.42, abs=0.02)
    assert np.abs(np.diff(gain)).max() < 0.002


def test_a_quiet_signal_is_left_alone() -> None:
    assert (limiter_gain(padded(noise(4800, 1, 0.01)), -1.5) == 1).all()


def test_spans_limited_apart_are_the_whole_limited_at_once() -> None:
    signal = padded(noise(RATE_HZ, 1, 0.4))
    whole = limiter_gain(signal, -1.5)
    half = RATE_HZ // 2
    parts = [limiter_gain(signal[: half + 2 * CONTEXT], -1.5), limiter_gain(signal[half:], -1.5)]
    np.testing.assert_allclose(np.concatenate(parts), whole, atol=2e-6)
