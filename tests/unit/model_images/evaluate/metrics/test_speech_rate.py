"""The rate is the plan's: the voice's natural length over the final one."""

import pytest

from model_images.evaluate.metrics import speech_rate
from tests.builders import seconds
from tests.unit.model_images.evaluate.dubs import finish, number, numbers
from tests.unit.model_images.evaluate.titles import Said, Title
from tests.unit.model_images.mix.sounds import speech


def test_a_line_squeezed_into_four_fifths_has_a_rate_of_five_fourths(tmp_path):
    natural, squeezed = Said(0.5, take=speech(seconds(1))), speech(seconds(2))
    lines = [natural, Said(2, take=squeezed, planned=seconds(1.6)), Said(4.5, take=None)]
    measured = speech_rate.measure(finish(tmp_path, Title(lines)))
    assert number(measured) == pytest.approx(1.125)
    assert numbers(measured) == {
        "s0001": 1,
        "s0002": pytest.approx(1.25),
        "s0003": "the line was never spoken",
    }
