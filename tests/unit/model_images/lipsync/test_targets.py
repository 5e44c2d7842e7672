"""The wanted mouth: shapes at their times, lips that touch, rest in silence."""

import numpy as np
import pytest

from airdub.transcript import Phoneme
from airdub.units import ms_to_ticks
from model_images.lipsync.shapes import REST, table_for
from model_images.lipsync.targets import blend, mouth_targets

TABLE = table_for("es")
MIDDLES = np.arange(0, 96_000, 480)  # every 10 ms of two seconds


def spoken(*sounds: tuple[str, int, int]):
    """Phonemes from (symbol, start, end) in milliseconds."""
    return [Phoneme(symbol=s, start=ms_to_ticks(a), end=ms_to_ticks(b)) for s, a, b in sounds]


def at(series, ms: int):
    return series[ms // 10]


def test_silence_is_rest():
    targets = mouth_targets([], TABLE, MIDDLES)
    assert np.allclose(targets.opening, REST.opening)
    assert np.allclose(targets.width, REST.width)
    assert not targets.closure.any()


def test_a_long_vowel_reaches_its_shape_and_returns_to_rest():
    targets = mouth_targets(spoken(("a", 600, 1200)), TABLE, MIDDLES)
    assert at(targets.opening, 900) == pytest.approx(1.0, abs=0.01)
    assert at(targets.opening, 600) == pytest.approx(0.525, abs=0.06)  # half way at the onset
    assert at(targets.opening, 300) == pytest.approx(REST.opening, abs=0.01)
    assert at(targets.opening, 1500) == pytest.approx(REST.opening, abs=0.01)


def test_coarticulation_takes_time_but_does_not_shift():
    targets = mouth_targets(spoken(("a", 500, 1000), ("s", 1000, 1500)), TABLE, MIDDLES)
    assert at(targets.opening, 1000) == pytest.approx((1.0 + 0.2) / 2, abs=0.05)


def test_lips_touch_even_between_open_vowels():
    targets = mouth_targets(
        spoken(("a", 500, 900), ("m", 900, 970), ("a", 970, 1400)), TABLE, MIDDLES
    )
    assert targets.closure[92:96].min() > 0.95
    assert at(targets.closure, 850) < 0.01
    assert at(targets.closure, 1020) < 0.01


def test_a_diphthong_goes_from_one_shape_to_the_other():
    targets = mouth_targets(spoken(("au", 400, 1200)), TABLE, MIDDLES)
    assert at(targets.width, 550) > at(targets.width, 1050) + 0.4
    assert at(targets.opening, 550) > at(targets.opening, 1050) + 0.5


def test_h_takes_the_shape_of_what_follows():
    alone = mouth_targets(spoken(("i", 600, 900)), TABLE, MIDDLES)
    with_h = mouth_targets(spoken(("h", 600, 700), ("i", 700, 900)), TABLE, MIDDLES)
    assert np.allclose(alone.width, with_h.width)


def test_frames_of_a_variable_rate_are_taken_at_their_own_times():
    sounds = spoken(("a", 500, 700), ("u", 900, 1200))
    every = mouth_targets(sounds, TABLE, MIDDLES)
    some = np.sort(np.random.default_rng(0).choice(len(MIDDLES), 40, replace=False))
    some[0], some[-1] = 0, len(MIDDLES) - 1
    few = mouth_targets(sounds, TABLE, MIDDLES[some])
    assert np.allclose(few.opening, every.opening[some], atol=0.02)


def test_blend_runs_from_ones_own_to_the_wanted():
    own, wanted = np.array([0.2, 0.2, 0.2]), np.array([1.0, 1.0, 1.0])
    assert blend(own, wanted, np.array([0, 0.5, 1])).tolist() == pytest.approx([0.2, 0.6, 1.0])
