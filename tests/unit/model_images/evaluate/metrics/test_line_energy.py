"""Lines that are missing or cut are seen; soft ones and other levels are not."""

import numpy as np
import pytest

from model_images.evaluate.metrics import line_energy
from tests.unit.model_images.evaluate.dubs import (
    bed,
    finish,
    number,
    numbers,
    span,
    three_lines,
)
from tests.unit.model_images.evaluate.titles import Said


@pytest.mark.parametrize("level", [0.0, 0.01, 0.08])
def test_a_clean_dub_speaks_all_the_time_over_any_background(tmp_path, level):
    title = three_lines(background=bed(11.0, level=level))
    assert number(line_energy.measure(finish(tmp_path, title))) > 0.98


def test_a_missing_line_has_none(tmp_path):
    title = three_lines()
    stem = title.stem.copy()
    stem[span("s0002")] = 0
    found = numbers(line_energy.measure(finish(tmp_path, title, stem=stem)))
    assert found["s0002"] == 0
    assert min(found["s0001"], found["s0003"]) > 0.98


def test_a_voice_that_is_nowhere_has_none(tmp_path):
    title = three_lines(background=0 * bed(11.0))
    assert number(line_energy.measure(finish(tmp_path, title, stem=0 * title.stem))) == 0


def test_wind_is_no_voice(tmp_path):
    title = three_lines(background=bed(11.0, level=0.02))
    measured = line_energy.measure(finish(tmp_path, title, stem=0 * title.stem))
    assert {*numbers(measured).values()} <= {0, "the background drowns the line"}
    stem = title.stem.copy()
    stem[span("s0003")] = 0
    assert numbers(line_energy.measure(finish(tmp_path, title, stem=stem)))["s0003"] == 0


@pytest.mark.parametrize("share", [0.25, 0.5])
def test_a_line_that_ends_early_lacks_what_was_cut(tmp_path, share):
    title = three_lines()
    stem, place = title.stem.copy(), span("s0003")
    stem[round(place.stop - share * (place.stop - place.start)) : place.stop] = 0
    found = numbers(line_energy.measure(finish(tmp_path, title, stem=stem)))
    assert found["s0003"] == pytest.approx(1 - share, abs=0.12)
    assert min(found["s0001"], found["s0002"]) > 0.98


def test_a_soft_line_is_no_missing_line(tmp_path):
    title = three_lines()
    stem = title.stem.copy()
    stem[span("s0001")] *= np.float32(10 ** (-9 / 20))
    found = numbers(line_energy.measure(finish(tmp_path, title, stem=stem)))
    assert found["s0001"] > 0.95


def test_a_line_that_was_never_spoken_counts_as_silent(tmp_path):
    title = three_lines()
    title.lines[0] = Said(title.lines[0].start_s, "Nothing is said.", take=None)
    found = line_energy.measure(finish(tmp_path, title))
    assert numbers(found)["s0001"] == 0
    assert number(found) == pytest.approx(2 / 3, abs=0.02)
