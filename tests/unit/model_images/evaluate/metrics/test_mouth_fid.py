"""Mouths as a whole: measured only where that says something."""

import cv2
import numpy as np
import pytest

from model_images.evaluate.metrics import mouth_fid
from model_images.evaluate.protocol import Absent


def plain(pictures):
    """Small pictures as features: debug-sized, but of the shape that the network's have."""
    return np.stack(
        [cv2.resize(one, (4, 4), interpolation=cv2.INTER_AREA).ravel() / 255.0 for one in pictures]
    )


def test_few_mouths_say_nothing(clean):
    assert mouth_fid.measure(clean).title == Absent("87 mouths for each side are fewer than 2048")


def test_without_the_network_it_says_how_to_get_it(clean, monkeypatch):
    monkeypatch.setattr(mouth_fid, "LEAST_CROPS", 50)
    monkeypatch.setattr(mouth_fid, "find_weights", lambda: None)
    assert "install pytorch-fid" in mouth_fid.measure(clean).title.reason


def test_other_mouths_are_further_away(talk, clean):
    own, crops = mouth_fid.mouth_distance(talk.evidence("copied-fid", talk.clip), plain)
    assert own == pytest.approx(0, abs=1e-9)
    assert crops == 100  # of seven seconds four are even
    dubbed, _ = mouth_fid.mouth_distance(clean, plain)
    green = talk.evidence("green", [one[..., [0, 1, 0]].copy("C") for one in talk.dub])
    assert abs(dubbed) < 0.1 < mouth_fid.mouth_distance(green, plain)[0]
    assert mouth_fid.mouth_distance(clean, plain, every=5)[1] == 20
