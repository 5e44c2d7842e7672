"""Holes in the sound are seen, pauses that the source has too are not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_images.evaluate.metrics import dead_air
from model_images.evaluate.metrics.dead_air import longest_hole
from model_images.evaluate.protocol import Absent
from tests.builders import seconds
from tests.unit.model_images.evaluate.dubs import bed, finish, number, three_lines


def test_a_hole_is_as_long_as_it_is(tmp_path):
    title = three_lines()
    mix = title.mix.copy()
    mix[seconds(3) : seconds(5.5)] = 0
    found = number(dead_air.measure(finish(tmp_path, title, mix=mix)))
    assert found == pytest.approx(2.5, abs=0.15)


def test_a_clean_dub_has_none(tmp_path):
    assert number(dead_air.measure(finish(tmp_path, three_lines()))) == 0


def test_a_pause_of_the_source_is_no_hole(tmp_path):
    silent = 0 * bed(11.0)
    title = three_lines(background=silent)
    pauses = finish(tmp_path / "pauses", title)
    assert number(dead_air.measure(pauses)) < 0.5
    stem = title.stem.copy()
    stem[seconds(3.5) : seconds(7)] = 0
    missing = finish(tmp_path / "missing", title, stem=stem)
    assert number(dead_air.measure(missing)) > 0.8


def test_a_silent_source_has_no_dead_air(tmp_path):
    title = three_lines(lines=[], background=0 * bed(11.0))
    assert dead_air.measure(finish(tmp_path, title)).title == Absent("the source is silent")


@given(st.lists(st.tuples(st.booleans(), st.booleans())))
def test_the_longest_hole_is_that_of_a_plain_search(steps):
    silent = np.array([first for first, _ in steps], bool)
    sounds = np.array([second for _, second in steps], bool)
    longest = current = 0
    for is_silent, does_sound in steps:
        current = current + does_sound if is_silent else 0
        longest = max(longest, current)
    assert longest_hole(silent, sounds) == longest
