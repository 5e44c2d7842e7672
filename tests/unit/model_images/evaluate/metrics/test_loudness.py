"""Loudness is that of the decoded deliverable."""

import pytest

from model_images.evaluate.metrics import loudness
from model_images.evaluate.protocol import Absent
from tests.unit.model_images.evaluate.dubs import finish, number, three_lines


@pytest.mark.parametrize("gain_db", [-5.2, -17.2])
def test_a_quieter_mix_is_seen_to_the_tenth(tmp_path, gain_db):
    title = three_lines()
    as_made = number(loudness.measure(finish(tmp_path / "made", title)))
    quieter = finish(tmp_path / "quiet", title, mix=title.mix * 10 ** (gain_db / 20))
    assert number(loudness.measure(quieter)) == pytest.approx(as_made + gain_db, abs=0.15)


def test_a_silent_dub_has_none(tmp_path):
    title = three_lines()
    silent = finish(tmp_path, title, mix=0 * title.mix)
    assert loudness.measure(silent).title == Absent("the dub is silent")
