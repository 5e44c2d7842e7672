"""How far lines are from their places, to the millisecond."""

import numpy as np
import pytest

from model_images.evaluate.metrics import line_offset
from model_images.evaluate.protocol import Absent
from tests.builders import seconds
from tests.unit.model_images.evaluate.dubs import finish, number, numbers, span, three_lines


def test_a_clean_dub_is_in_place(tmp_path):
    assert number(line_offset.measure(finish(tmp_path, three_lines()))) < 1


@pytest.mark.parametrize("late_ms", [12, -45, 320])
def test_a_track_that_is_late_or_early_is_told_to_the_millisecond(tmp_path, late_ms):
    title = three_lines()
    shifted = np.roll(title.mix, round(late_ms * 48), axis=0)
    measured = line_offset.measure(finish(tmp_path, title, mix=shifted))
    assert number(measured) == pytest.approx(abs(late_ms), abs=1)


def test_only_the_line_that_moved_is_blamed(tmp_path):
    title = three_lines()
    stem = title.stem.copy()
    stem[span("s0002")] = 0
    later = slice(span("s0002").start + seconds(0.12), span("s0002").stop + seconds(0.12))
    stem[later] += title.stem[span("s0002")]
    found = numbers(line_offset.measure(finish(tmp_path, title, stem=stem)))
    assert found["s0002"] == pytest.approx(120, abs=1)
    assert max(found["s0001"], found["s0003"]) < 1


def test_a_line_that_is_not_there_has_no_offset(tmp_path):
    title = three_lines()
    evidence = finish(tmp_path, title, stem=0 * title.stem)
    assert line_offset.measure(evidence).title == Absent("no line could be measured")
