"""Predicted quality against that of the line that is replaced."""

import numpy as np

from model_images.evaluate.metrics import dnsmos_delta
from tests.unit.model_images.evaluate.dubs import finish, number, numbers, three_lines
from tests.unit.model_images.evaluate.titles import Said


def test_the_same_voice_is_as_good_as_its_source(tmp_path):
    assert abs(number(dnsmos_delta.measure(finish(tmp_path, three_lines())))) < 0.5


def test_a_noisy_dub_is_worse_and_a_noisy_source_makes_it_better(tmp_path):
    title = three_lines()
    first, second, third = title.lines
    rng = np.random.default_rng(0)
    title.lines = [
        Said(0.6, take=_noisy(first.take, rng), original=first.original),
        Said(3.9, take=second.take, original=_noisy(second.original, rng)),
        Said(7.7, take=third.take, original=third.original[:20_000]),
    ]
    found = numbers(dnsmos_delta.measure(finish(tmp_path, title)))
    assert found["s0001"] < -0.5 < 0.5 < found["s0002"]
    assert found["s0003"] == "no original to compare with: the line is shorter than a second"


def _noisy(sound, rng):
    return (sound + 0.05 * rng.standard_normal(len(sound))).astype(np.float32)
