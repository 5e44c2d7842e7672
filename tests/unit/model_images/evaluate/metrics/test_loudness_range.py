"""The loudness range tells a level dub from one whose level jumps."""

import numpy as np

from model_images.evaluate.metrics import loudness_range
from tests.unit.model_images.evaluate.dubs import finish, number, three_lines
from tests.unit.model_images.mix.sounds import noise


def test_a_dub_whose_halves_differ_by_15_db_has_a_wide_range(tmp_path):
    title = three_lines()
    level = noise(title.length, 2, 0.1)
    jump = level * np.where(np.arange(title.length) < title.length / 2, 0.18, 1)[:, None]
    assert number(loudness_range.measure(finish(tmp_path / "level", title, mix=level))) < 1
    found = number(loudness_range.measure(finish(tmp_path / "jump", title, mix=jump)))
    assert 12 < found < 17
