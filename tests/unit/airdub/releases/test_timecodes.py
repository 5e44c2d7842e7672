"""Time codes against known values, and against the reader of time codes."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airdub.releases.timecodes import Timecodes, drops
from airdub.subtitles.timecodes import Label
from airdub.units import CLOCK_HZ, round_half_up
from tests.unit.airdub.releases.dubs import film_facts

FILM, NTSC, NTSC60 = Fraction(24000, 1001), Fraction(30000, 1001), Fraction(60000, 1001)
RATES = [FILM, Fraction(24), Fraction(25), NTSC, Fraction(30), Fraction(50), NTSC60, Fraction(60)]
DAY_S = 24 * 3600


def facts(rate: Fraction, timecode: str = "", *, variable: bool = False):  # type: ignore[no-untyped-def]
    video = film_facts().video.model_copy(
        update={"frame_rate": str(rate), "variable_rate": variable}
    )
    return film_facts(video=video, timecode=timecode)


@pytest.mark.parametrize(
    ("rate", "frame", "label"),
    [
        (NTSC, 0, "00:00:00;00"),
        (NTSC, 1799, "00:00:59;29"),
        (NTSC, 1800, "00:01:00;02"),
        (NTSC, 17981, "00:09:59;29"),
        (NTSC, 17982, "00:10:00;00"),
        (NTSC, 107892, "01:00:00;00"),
        (NTSC, 2589408, "00:00:00;00"),  # a day later
        (NTSC60, 3600, "00:01:00;04"),
        (NTSC60, 215784, "01:00:00;00"),
        (FILM, 86400, "01:00:00:00"),  # 23.976 has no drop-frame: an hour of labels is 3603.6 s
        (Fraction(25), 90000, "01:00:00:00"),
        (Fraction(60), 59, "00:00:00:59"),
    ],
)
def test_labels_of_frames(rate: Fraction, frame: int, label: str) -> None:
    assert Timecodes.of(facts(rate)).label(frame) == label


@given(rate=st.sampled_from(RATES), frame=st.integers(0, 20 * 3600 * 23))
def test_a_label_read_again_is_the_frame(rate: Fraction, frame: int) -> None:
    times = Timecodes.of(facts(rate))
    read = Label.parse(times.label(frame))
    assert read.drop == drops(rate)
    assert round_half_up(read.ticks(rate) * rate / CLOCK_HZ) == frame


@given(rate=st.sampled_from(RATES), tick=st.integers(0, DAY_S * CLOCK_HZ // 2))
def test_a_span_is_covered_by_whole_frames(rate: Fraction, tick: int) -> None:
    times = Timecodes.of(facts(rate))
    first, after = Label.parse(times.first(tick)), Label.parse(times.after(tick))
    assert first.ticks(rate) <= tick + 1
    assert after.ticks(rate) >= tick - 1
    assert after.ticks(rate) - first.ticks(rate) <= CLOCK_HZ / rate + 1


def test_a_start_time_code_and_its_own_way_of_counting_are_kept() -> None:
    assert Timecodes.of(facts(Fraction(25), "10:00:00:00")).first(CLOCK_HZ) == "10:00:01:00"
    assert Timecodes.of(facts(NTSC, "01:00:00;00")).first(0) == "01:00:00;00"
    assert Timecodes.of(facts(NTSC, "01:00:00:00")).first(60 * CLOCK_HZ) == "01:00:59:28"
    assert Timecodes.of(facts(Fraction(25), "01:00:00;00")).first(0) == "01:00:00:00"
    assert Timecodes.of(facts(Fraction(25), "23:59:59:24")).first(CLOCK_HZ) == "00:00:00:24"


@pytest.mark.parametrize("hostile", ["x", "99:99:99:99", "00:00:00:99", "=1+1", "1" * 500])
def test_a_start_that_is_no_time_code_is_left_out_and_told(hostile: str) -> None:
    times = Timecodes.of(facts(NTSC, hostile))
    assert times.first(0) == "00:00:00;00"
    assert "can't be read" in times.remark


def test_a_variable_rate_is_told() -> None:
    assert "varies" in Timecodes.of(facts(Fraction(2983, 100), variable=True)).remark
    assert Timecodes.of(facts(Fraction(2983, 100))).label(30) == "00:00:01:00"
    assert Timecodes.of(facts(Fraction(25))).remark == ""
