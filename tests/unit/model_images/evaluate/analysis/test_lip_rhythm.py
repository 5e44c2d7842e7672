"""The shift between lips and loudness is found to the step; chance has no margin."""

import numpy as np
import pytest

from model_images.evaluate.analysis.lip_rhythm import compare


def syllables(seed, count=6000):
    beats = np.repeat(np.random.default_rng(seed).uniform(0, 1, count // 18 + 1), 18)[:count]
    return np.convolve(beats, np.hanning(15) / np.hanning(15).sum(), "same")


STEPS = np.arange(6000)


@pytest.mark.parametrize("lag_ms", [-320, -80, 0, 50, 120, 400])
def test_a_lag_is_found_to_the_step(lag_ms):
    loud = syllables(1)
    found = compare(STEPS, np.roll(loud, lag_ms // 10) - loud.mean(), loud)
    assert found.lag_ms == lag_ms
    assert (found.peak - found.null > 0.5) == (abs(lag_ms) <= 250)


def test_unrelated_series_have_no_margin():
    found = compare(STEPS, syllables(1), syllables(2))
    assert found.peak - found.null < 0.05


def test_mouths_that_are_seen_now_and_then_are_enough():
    loud = syllables(1)
    seen = np.flatnonzero(STEPS % 700 < 300)
    found = compare(seen, loud[seen], loud)
    assert (found.lag_ms, found.peak - found.null > 0.5) == (0, True)


def test_a_still_mouth_agrees_with_nothing():
    found = compare(STEPS, np.zeros(6000), syllables(1))
    assert (found.peak, found.null) == (0, 0)
