"""Flat peaks are told from round ones by their shape, whatever the level."""

import numpy as np
import pytest

from model_images.evaluate.analysis.flat_tops import flat_share
from tests.unit.model_images.mix.sounds import RATE_HZ

TIME = np.arange(RATE_HZ) / RATE_HZ
TONE = np.float32(np.sin(2 * np.pi * 150 * TIME) * (1 + 0.1 * np.sin(2 * np.pi * 3 * TIME)))


@pytest.mark.parametrize("level", [1.0, 0.01])
def test_round_peaks_are_not_flat_and_cut_ones_are(level):
    level = np.float32(level)
    assert flat_share(level * TONE) == 0
    assert flat_share(level * np.clip(TONE, -0.5, 0.5)) == 1


def test_a_limit_on_one_side_makes_half_of_the_peaks_flat():
    assert flat_share(np.maximum(TONE, np.float32(-0.5))) == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("sound", [TONE[:0], 0 * TONE, 1e-4 * TONE, TONE[:400]])
def test_silence_and_a_few_peaks_have_no_share(sound):
    assert flat_share(np.float32(sound)) is None
