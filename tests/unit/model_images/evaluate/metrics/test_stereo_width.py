"""A background that collapses to mono is narrower than the source's."""

import numpy as np
import pytest

from airdub.metrics import NOT_APPLICABLE
from model_images.evaluate.metrics import stereo_width
from model_images.evaluate.protocol import Value
from tests.unit.model_images.evaluate.dubs import bed, finish, number, three_lines


def test_a_clean_dub_is_as_wide_as_its_source(tmp_path):
    assert number(stereo_width.measure(finish(tmp_path, three_lines()))) == pytest.approx(
        0, abs=0.5
    )


@pytest.mark.parametrize("lost", [0.25, 0.5, 0.75])
def test_a_loss_of_width_is_told_in_db(tmp_path, lost):
    title = three_lines()
    mix = title.mix + lost * (title.mix.mean(axis=1, keepdims=True) - title.mix)
    found = number(stereo_width.measure(finish(tmp_path, title, mix=mix)))
    assert found == pytest.approx(20 * np.log10(1 - lost), abs=1)


def test_a_mono_track_in_place_of_stereo_is_a_collapse(tmp_path):
    title = three_lines()
    mono = title.mix.mean(axis=1, keepdims=True)
    assert number(stereo_width.measure(finish(tmp_path, title, mix=mono))) < -20


def test_a_title_in_mono_stays_one_unless_it_is_made_wide(tmp_path):
    title = three_lines(background=bed(11.0, 1))
    assert number(stereo_width.measure(finish(tmp_path / "mono", title))) == 0
    side = np.roll(title.bed, title.length // 2, axis=0)
    wide = finish(tmp_path / "wide", title, mix=np.float32(title.mix + side * (1, -1)))
    assert number(stereo_width.measure(wide)) > 10


def test_without_a_background_it_does_not_apply(tmp_path):
    evidence = finish(tmp_path, three_lines(background=0 * bed(11.0)))
    assert stereo_width.measure(evidence).title == Value(NOT_APPLICABLE, 3)
