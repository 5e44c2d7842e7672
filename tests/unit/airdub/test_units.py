"""Exact arithmetic on ticks, samples and frames."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airdub.units import (
    ms_to_ticks,
    parse_rate,
    rescale,
    round_half_up,
    seconds_to_ticks,
    ticks_to_ms,
)

NTSC_FILM = Fraction(24000, 1001)


@pytest.mark.parametrize(
    ("value", "rounded"), [(0.5, 1), (1.5, 2), (2.5, 3), (-0.5, 0), (-1.5, -1), (Fraction(1, 3), 0)]
)
def test_halves_always_round_up(value: Fraction | float, rounded: int) -> None:
    assert round_half_up(value) == rounded


def test_a_23976_frame_is_exactly_2002_ticks() -> None:
    assert rescale(1, NTSC_FILM, 48_000) == 2002
    assert rescale(1000, NTSC_FILM, 48_000) == 2_002_000


def test_an_hour_at_2997_does_not_drift() -> None:
    frames = 107_892  # one hour of 29.97
    assert rescale(frames, Fraction(30000, 1001), 48_000) == frames * 1001 * 48_000 // 30_000


@given(st.integers(0, 10**9))
def test_16_khz_samples_survive_the_round_trip(sample: int) -> None:
    assert rescale(rescale(sample, 16_000, 48_000), 48_000, 16_000) == sample


@given(st.integers(0, 10**8))
def test_milliseconds_survive_the_round_trip(milliseconds: int) -> None:
    assert ticks_to_ms(ms_to_ticks(milliseconds)) == milliseconds


def test_rates_parse_as_ffprobe_writes_them() -> None:
    assert parse_rate("24000/1001") == NTSC_FILM
    assert parse_rate("25") == 25
    assert parse_rate("0/0") == 0
    assert seconds_to_ticks(parse_rate("-1/25")) == -1920


def test_a_rate_of_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="positive"):
        rescale(1, 0, 48_000)
