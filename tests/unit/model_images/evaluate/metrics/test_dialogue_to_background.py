"""How far lines stand out of what is under them, in the deliverable."""

import pytest

from model_images.evaluate.metrics import dialogue_to_background
from tests.unit.model_images.evaluate.dubs import bed, finish, number, numbers, span, three_lines


def test_a_background_12_db_louder_takes_12_lu(tmp_path):
    quiet = number(dialogue_to_background.measure(finish(tmp_path / "quiet", three_lines())))
    title = three_lines(background=bed(11.0, level=0.01 * 10 ** (12 / 20)))
    loud = number(dialogue_to_background.measure(finish(tmp_path / "loud", title)))
    assert quiet - loud == pytest.approx(12, abs=0.7)
    assert quiet > 12


def test_the_level_of_the_whole_mix_does_not_matter(tmp_path):
    title = three_lines()
    one = number(dialogue_to_background.measure(finish(tmp_path / "one", title)))
    half = finish(tmp_path / "half", title, mix=title.mix / 2)
    assert number(dialogue_to_background.measure(half)) == pytest.approx(one, abs=0.2)


def test_a_line_that_drowns_is_told(tmp_path):
    title = three_lines(background=bed(11.0, level=0.03))
    stem = title.stem.copy()
    stem[span("s0002")] *= 0.1
    found = numbers(dialogue_to_background.measure(finish(tmp_path, title, stem=stem)))
    assert found["s0002"] < 0 < min(found["s0001"], found["s0003"]) - 5
