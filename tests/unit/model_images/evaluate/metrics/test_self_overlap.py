"""A speaker who talks over himself is seen; two who talk at once are not."""

import pytest

from airdub.transcript import Action
from model_images.evaluate.metrics import self_overlap
from tests.builders import seconds
from tests.unit.model_images.evaluate.dubs import finish, number, numbers
from tests.unit.model_images.evaluate.titles import Said, Title
from tests.unit.model_images.mix.sounds import speech


def test_only_the_same_speaker_overlaps_with_himself(tmp_path):
    second = speech(seconds(1))
    lines = [
        Said(0.5, take=second),
        Said(1.2, take=second, speaker="speaker_2"),
        Said(1.25, take=second),
        Said(4.0, original=second, action=Action.KEEP, speaker="speaker_2"),
        Said(4.9, take=second, speaker="speaker_2"),
    ]
    measured = self_overlap.measure(finish(tmp_path, Title(lines)))
    assert number(measured) == pytest.approx(0.35)
    overlaps = {"s0001": 0, "s0002": 0, "s0003": 0.25, "s0005": 0.1}
    assert numbers(measured) == pytest.approx(overlaps)
