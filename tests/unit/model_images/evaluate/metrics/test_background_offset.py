"""The background is where it is in the source, or it is told by how much it isn't."""

import numpy as np
import pytest

from airdub.metrics import NOT_APPLICABLE
from model_images.evaluate.metrics import background_offset
from model_images.evaluate.protocol import Absent, Value
from tests.builders import seconds
from tests.unit.model_images.evaluate.dubs import bed, finish, number, three_lines


@pytest.mark.parametrize("late_ms", [0, 15, -80, 320])
def test_an_offset_is_told_to_the_sample(tmp_path, late_ms):
    title = three_lines()
    shifted = np.roll(title.mix, round(late_ms * 48), axis=0)
    measured = background_offset.measure(finish(tmp_path, title, mix=shifted))
    assert number(measured) == pytest.approx(abs(late_ms), abs=0.05)


def test_a_jump_in_the_second_half_is_the_largest_offset(tmp_path):
    title = three_lines()
    mix, half = title.mix.copy(), seconds(5.6)
    mix[half:] = np.roll(mix, seconds(0.06), axis=0)[half:]
    assert number(background_offset.measure(finish(tmp_path, title, mix=mix))) == pytest.approx(60)


def test_a_background_that_is_gone_or_never_was_has_no_offset(tmp_path):
    title = three_lines()
    gone = finish(tmp_path / "gone", title, mix=title.mix - title.bed)
    lost = Absent("the source's background is not found in the deliverable")
    assert background_offset.measure(gone).title == lost
    never = finish(tmp_path / "never", three_lines(background=0 * bed(11.0)))
    assert background_offset.measure(never).title == Value(NOT_APPLICABLE, 3)
