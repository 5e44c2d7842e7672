"""Mouths follow sounds."""

from __future__ import annotations

import numpy as np
import pytest

from airdub.transcript import Phoneme
from tests.media import visemes

MS = 48


def path(*sounds: tuple[str, int, int], length_ms: int = 1000) -> np.ndarray:
    """Opening and width at 200 Hz for (symbol, start, end) in ms."""
    phonemes = [Phoneme(symbol=s, start=a * MS, end=b * MS) for s, a, b in sounds]
    return visemes.mouth_path(phonemes, length_ms * MS, np.random.default_rng(0))


def at(values: np.ndarray, ms: int) -> np.ndarray:
    return values[ms // 5]


@pytest.mark.parametrize(("wide", "narrow"), [("a", "e"), ("e", "i"), ("i", "s"), ("s", "m")])
def test_sounds_open_the_mouth_in_the_order_of_phonetics(wide: str, narrow: str) -> None:
    assert visemes.shape_of(wide)[0] > visemes.shape_of(narrow)[0]


@pytest.mark.parametrize(
    ("arpabet", "ipa"), [("aa", "ɑ"), ("iy", "i"), ("uw", "u"), ("sh", "ʃ"), ("m", "m"), ("f", "f")]
)
def test_both_alphabets_mean_the_same_lips(arpabet: str, ipa: str) -> None:
    assert visemes.shape_of(arpabet) == visemes.shape_of(ipa)


def test_long_and_marked_symbols_are_known_by_their_letters() -> None:
    assert visemes.shape_of("tʃ") == visemes.shape_of("t")
    assert visemes.shape_of("ɔɪ") == visemes.shape_of("ɔ")


def test_lips_meet_in_a_bilabial_between_open_vowels() -> None:
    values = path(("a", 100, 300), ("m", 300, 380), ("a", 380, 600))
    assert at(values, 200)[0] > 0.7
    assert at(values, 340)[0] < 0.08
    assert at(values, 480)[0] > 0.7


def test_the_mouth_rests_before_and_after_speech() -> None:
    values = path(("a", 400, 600))
    assert at(values, 100)[0] < 0.1
    assert at(values, 900)[0] < 0.1


def test_frames_see_the_mouth_of_their_instant() -> None:
    values = path(("a", 400, 600))
    frames = visemes.at_frames(values, 25, 1920)
    assert frames.shape == (25, 2)
    assert frames[12] == pytest.approx(at(values, 480))
