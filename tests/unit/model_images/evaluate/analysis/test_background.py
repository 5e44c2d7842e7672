"""The background is found by its stem, at its lag and gain, under voices that move on their own."""

import numpy as np
import pytest

from model_images.evaluate.analysis.background import Bed, BedWindow, find_bed, gains_in
from tests.builders import seconds
from tests.unit.model_images.evaluate.dubs import bed, finish, three_lines


def test_the_gain_of_a_mix_is_found_in_every_window(tmp_path):
    title = three_lines()
    found = find_bed(finish(tmp_path, title, mix=title.mix * 0.6))
    assert found.sounding == len(found.windows) == 3
    assert [window.gain for window in found.windows] == pytest.approx([0.6] * 3, rel=0.02)
    assert found.windows[-1].end == title.length


def test_a_voice_that_is_late_by_itself_moves_no_background(tmp_path):
    title = three_lines()
    late = np.roll(title.stem, seconds(0.1))
    found = find_bed(finish(tmp_path, title, mix=title.with_voice(late)))
    assert {window.lag for window in found.windows} == {0}


def test_a_hum_fits_at_many_lags_and_counts_nowhere(tmp_path):
    hum = np.sin(2 * np.pi * 100 * np.arange(seconds(11)) / seconds(1))
    title = three_lines(background=np.float32(0.02 * np.stack([hum, hum], axis=1)))
    found = find_bed(finish(tmp_path, title))
    assert found.sounding == 3
    assert not found.windows
    assert found.gain == 0


def test_the_lag_of_the_nearest_window_holds():
    found = Bed((BedWindow(0, 100, 5, 1.0, 0.9), BedWindow(100, 200, 7, 1.0, 0.9)), 2, 2)
    assert [found.lag_at(tick) for tick in (0, 90, 110, 900)] == [5, 5, 7, 7]
    assert Bed((), 2, 2).lag_at(0) == 0


def test_gains_are_found_and_a_silent_part_has_none():
    wind = bed(2.0)
    one, other = wind[:, 0], np.roll(wind[:, 1], 999)
    assert gains_in(0.5 * one - 2 * other, one, other, 0 * one) == pytest.approx([0.5, -2, 0])
