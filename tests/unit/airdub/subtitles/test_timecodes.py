from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airdub.subtitles.timecodes import (
    HOUR,
    FrameClock,
    Label,
    effective_rate,
    parse_time,
    split_span,
    start_offset,
    whole_hour,
)

SECOND = 48_000
FILM = Fraction(24000, 1001)
NTSC = Fraction(30000, 1001)


@pytest.mark.parametrize(
    ("text", "ticks"),
    [
        ("00:00:01,000", SECOND),
        ("00:00:01.5", SECOND * 3 // 2),
        ("01:02:03,004", 3723 * SECOND + 192),
        ("02:03.250", 123 * SECOND + 12_000),
        ("00:00:07", 7 * SECOND),
        ("0:00:00,001", 48),
    ],
)
def test_clock_times(text: str, ticks: int) -> None:
    assert parse_time(text, None) == ticks


@pytest.mark.parametrize(
    ("text", "rate", "ticks"),
    [
        ("00:00:01:12", Fraction(24), 72_000),
        ("00:00:01:12", FILM, 72_072),  # 36 frames of 2002 ticks
        ("01:00:00:00", FILM, 172_972_800),  # 3603.6 s
        ("01:00:00:00", Fraction(25), HOUR),
        ("00:01:00;02", NTSC, 2_882_880),  # the frame after 00:00:59;29, number 1800
        ("01:00:00;00", NTSC, round(107_892 * 1001 / 30000 * SECOND)),
        ("00:10:00;00", Fraction(60000, 1001), round(35_964 * 1001 / 60000 * SECOND)),
        ("00:00:02;12", Fraction(25), 2 * SECOND + 23_040),  # no drop-frame count at 25
    ],
)
def test_time_code_counts_frames(text: str, rate: Fraction, ticks: int) -> None:
    assert parse_time(text, FrameClock(rate)) == ticks


def test_colons_are_drop_frame_where_the_media_is() -> None:
    assert parse_time("01:00:00:00", FrameClock(NTSC, drop=True)) == 172_799_827
    assert parse_time("01:00:00:00", FrameClock(NTSC)) == 172_972_800


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("-00:00:01,000", "negative"),
        ("00:61:00,000", "more than 59"),
        ("00:00:61,000", "more than 59"),
        ("abc", "no time"),
        ("", "no time"),
        ("00:00:00:24", "does not exist at 24"),
        ("１:00:00,000", "no time"),
    ],
)
def test_bad_times_say_why(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_time(text, FrameClock(FILM))


def test_a_skipped_drop_frame_label_is_refused() -> None:
    with pytest.raises(ValueError, match="does not exist in drop-frame"):
        Label.parse("00:01:00;01").ticks(NTSC)
    assert Label.parse("00:10:00;01").ticks(NTSC) > 0


def test_frames_without_a_rate_are_refused() -> None:
    with pytest.raises(ValueError, match="frame rate is not known"):
        parse_time("00:00:01:12", None)


def test_every_drop_frame_label_is_one_frame_after_the_last() -> None:
    labels = (
        f"00:{minute:02}:{second:02};{frame:02}"
        for minute in range(11)
        for second in (0, 59)
        for frame in range(30)
        if not (second == 0 and frame < 2 and minute % 10)
    )
    frames = [Label.parse(text).ticks(NTSC) * NTSC / SECOND for text in labels]
    steps = {round(later - earlier) for earlier, later in pairwise(frames)}
    # within 0-29 of a second one frame; from second 0 to second 59 the frames between
    assert steps <= {1, 58 * 30 + 1}


def test_the_multiplier_makes_the_rate() -> None:
    assert effective_rate(24, (1000, 1001), drop=False) == FILM
    assert effective_rate(30, (1000, 1001), drop=True) == NTSC
    assert effective_rate(30, drop=True) == NTSC
    assert effective_rate(25, drop=False) == 25


@pytest.mark.parametrize(
    ("spans", "candidates", "offset"),
    [
        ([(0, 10), (20, 60)], [5], 0),  # fits as it is
        ([(HOUR + 5 * SECOND, HOUR + 6 * SECOND)], [HOUR], HOUR),
        ([(HOUR + 5 * SECOND, HOUR + 6 * SECOND)], [2 * HOUR, HOUR], HOUR),
        ([(HOUR + 5 * SECOND, HOUR + 99 * SECOND)], [HOUR], 0),  # fits nowhere
    ],
)
def test_the_first_offset_that_fits_wins(
    spans: list[tuple[int, int]], candidates: list[int], offset: int
) -> None:
    assert start_offset(spans, 60 * SECOND, candidates) == offset


def test_whole_hours() -> None:
    assert whole_hour(10 * HOUR + 5) == 10 * HOUR
    assert whole_hour(HOUR - 1) == 0


def test_a_span_is_cut_by_weight() -> None:
    assert split_span(1000, 2000, [1, 3]) == [(1000, 1251), (1251, 2000)]
    assert split_span(0, 10, [1]) == [(0, 10)]
    assert split_span(0, 10, []) == []
    with pytest.raises(ValueError, match="can't be cut"):
        split_span(0, 2, [1, 1, 1])


@settings(deadline=None)  # the machine may be busy
@given(
    start=st.integers(0, 10**6),
    length=st.integers(50, 10**6),
    weights=st.lists(st.integers(0, 1000), min_size=1, max_size=50),
)
def test_parts_of_a_span_adjoin_and_are_never_empty(
    start: int, length: int, weights: list[int]
) -> None:
    parts = split_span(start, start + length, weights)
    assert parts[0][0] == start
    assert parts[-1][1] == start + length
    assert all(one[1] == other[0] for one, other in pairwise(parts))
    assert all(begin < end for begin, end in parts)
