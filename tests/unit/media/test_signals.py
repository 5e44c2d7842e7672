"""Measures of signals against signals whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from tests.media import signals

RATE_HZ = 16_000


def noise(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape)


def babble(seconds: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Noise in bursts as syllables come, and the bursts' loudness at 100 Hz, 0..1."""
    rng = np.random.default_rng(seed)
    count = int(seconds * 100)
    loudness = np.zeros(count)
    at = 0
    while at < count:
        length, pause = rng.integers(8, 25), rng.integers(3, 30)
        loudness[at : at + length] = np.hanning(length + 2)[1:-1][: count - at]
        at += length + pause
    fine = np.interp(np.arange(count * 160) / 160, np.arange(count), loudness)
    return rng.standard_normal(len(fine)) * fine * 0.1, loudness


@pytest.mark.parametrize("snr_db", [0.0, 10.0, 40.0])
def test_si_sdr_is_the_ratio_of_signal_to_uncorrelated_noise(snr_db: float) -> None:
    clean, dirt = noise(200_000), noise(200_000, seed=1)
    mixed = 3.0 * (clean + dirt * 10 ** (-snr_db / 20))
    assert signals.si_sdr_db(mixed, clean) == pytest.approx(snr_db, abs=0.1)


def test_si_sdr_of_a_scaled_copy_is_beyond_any_codec() -> None:
    assert signals.si_sdr_db(0.2 * noise(1000), noise(1000)) > 150


@pytest.mark.parametrize("lag", [-700, -1, 0, 333])
def test_a_shift_is_found_and_undone(lag: int) -> None:
    reference = noise(20_000)
    late = signals.shifted(reference, lag, 20_000)
    assert signals.best_lag(late, reference, 1000) == lag
    back = signals.shifted(late, -lag, 20_000)
    assert np.array_equal(back[1000:-1000], reference[1000:-1000])


def test_background_is_judged_without_regard_to_gain_and_pan() -> None:
    bed, voice = noise(100_000, 2), noise(100_000, 1, seed=1)
    mix = 0.5 * bed + voice * (0.9, 0.3)
    assert signals.background_si_sdr_db(mix, voice, bed) > 100


def test_what_is_left_of_the_old_voice_counts_against_the_background() -> None:
    bed, voice, old = noise(100_000, 2), noise(100_000, 1, seed=1), noise(100_000, 1, seed=2)
    mix = bed + voice + 0.1 * old
    assert signals.background_si_sdr_db(mix, voice, bed) == pytest.approx(20, abs=0.2)


def test_envelope_hears_speech_frequencies_alone() -> None:
    time = np.arange(RATE_HZ) / RATE_HZ
    high, middle = np.sin(2 * np.pi * 6000 * time), np.sin(2 * np.pi * 1000 * time)
    envelope = signals.speech_envelope(np.concatenate([high, middle]), RATE_HZ)
    assert len(envelope) == 200
    assert envelope[20:80].max() < 20
    assert envelope[120:180].min() > 55


@pytest.mark.parametrize("late_ms", [-80, 0, 40, 120])
def test_late_lips_are_told_from_early_ones(late_ms: int) -> None:
    sound, loudness = babble(20)
    times = np.arange(0, 19, 0.04)
    opening = np.interp(times - late_ms / 1000, np.arange(len(loudness)) / 100, loudness)
    found = signals.lagged_correlation(opening, times, signals.speech_envelope(sound, RATE_HZ))
    assert found.peak_lag_ms == pytest.approx(late_ms, abs=15)
    assert found.peak > 0.7
    assert found.margin > 0.3


def test_lips_of_other_speech_have_no_margin() -> None:
    sound, _ = babble(20)
    _, other = babble(20, seed=5)
    times = np.arange(0, 19, 0.04)
    opening = np.interp(times, np.arange(len(other)) / 100, other)
    found = signals.lagged_correlation(opening, times, signals.speech_envelope(sound, RATE_HZ))
    assert found.peak < 0.4
    assert found.margin < 0.15


def test_frames_without_a_mouth_are_left_out() -> None:
    sound, loudness = babble(20)
    times = np.arange(0, 19, 0.04)
    opening = np.interp(times, np.arange(len(loudness)) / 100, loudness)
    opening[100:300] = np.nan
    found = signals.lagged_correlation(opening, times, signals.speech_envelope(sound, RATE_HZ))
    assert found.frames == len(times) - 200
    assert abs(found.peak_lag_ms) <= 15


def test_a_still_mouth_correlates_with_nothing() -> None:
    sound, _ = babble(5)
    times = np.arange(0, 4, 0.04)
    still = np.full(len(times), 0.2)
    found = signals.lagged_correlation(still, times, signals.speech_envelope(sound, RATE_HZ))
    assert (found.peak, found.margin) == (0.0, 0.0)


def test_light_that_drifts_over_a_face_is_taken_out() -> None:
    sound, loudness = babble(20)
    times = np.arange(0, 19, 0.04)
    opening = np.interp(times - 0.04, np.arange(len(loudness)) / 100, loudness)
    drifting = opening + 3 * np.sin(2 * np.pi * times / 9)
    envelope = signals.speech_envelope(sound, RATE_HZ)
    assert signals.lagged_correlation(drifting, times, envelope).margin < 0.1
    found = signals.lagged_correlation(drifting, times, envelope, drift_s=1.5)
    assert found.peak_lag_ms == pytest.approx(40, abs=15)
    assert found.margin > 0.3


def test_taking_drift_out_spares_gaps_and_flattens_slopes() -> None:
    series = np.arange(100.0)
    series[40:50] = np.nan
    flat = signals.without_drift(series, 11)
    assert np.isnan(flat[40:50]).all()
    assert np.allclose(flat[5:35], 0)
