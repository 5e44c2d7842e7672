import pytest
from hypothesis import given
from hypothesis import strategies as st

from airdub.transcript import Segment
from model_images.synthesize.rates import Room, rate_percent, rooms
from tests.builders import seconds


def _segment(number: int, start_s: float, end_s: float, speaker: str = "a") -> Segment:
    return Segment(
        id=f"s{number:04d}", start=seconds(start_s), end=seconds(end_s), speaker=speaker, text="x"
    )


def test_room_is_the_line_and_the_silence_after_it_less_a_breath() -> None:
    found = rooms([_segment(1, 1, 2), _segment(2, 3, 4)], seconds(10))
    assert found["s0001"] == Room(seconds(1.9), seconds(2))
    assert found["s0002"] == Room(seconds(6.9), seconds(7))


def test_a_breath_never_shrinks_the_line_itself() -> None:
    found = rooms([_segment(1, 1, 2), _segment(2, 2.05, 3)], seconds(3))
    assert found["s0001"] == Room(seconds(1), seconds(1.05))
    assert found["s0002"] == Room(seconds(0.95), seconds(0.95))


def test_another_voice_may_be_overlapped_as_in_the_source_but_not_ones_own_next_line() -> None:
    other = rooms([_segment(1, 1, 3), _segment(2, 2, 5, "b"), _segment(3, 6, 7)], seconds(8))
    assert other["s0001"].hard == seconds(2)
    inside = rooms([_segment(1, 1, 3), _segment(2, 1.5, 2, "b"), _segment(3, 6, 7)], seconds(8))
    assert inside["s0001"].hard == seconds(5)
    own = rooms([_segment(1, 1, 3), _segment(2, 2, 5)], seconds(8))
    assert own["s0001"] == Room(seconds(1), seconds(1))


def test_lines_beyond_the_end_of_the_title_keep_their_own_length() -> None:
    assert rooms([_segment(1, 9, 11)], seconds(10))["s0001"].hard == seconds(2)


@pytest.mark.parametrize(
    ("natural_s", "soft_s", "hard_s", "percent"),
    [
        (0.5, 1.0, 1.1, 100),
        (1.0, 1.0, 1.1, 100),
        (1.001, 1.0, 1.1, 105),
        (1.05, 1.0, 1.1, 105),
        (1.2, 1.0, 1.1, 120),
        (1.25, 1.0, 1.1, 120),  # without the breath 1.14 would do
        (1.4, 1.0, 1.1, 130),
        (2.0, 1.0, 1.0, 135),
        (9.0, 1.0, 1.0, 135),
    ],
)
def test_rate(natural_s: float, soft_s: float, hard_s: float, percent: int) -> None:
    assert rate_percent(seconds(natural_s), Room(seconds(soft_s), seconds(hard_s))) == percent


@given(st.integers(1, 10_000_000), st.integers(1, 10_000_000), st.integers(0, 4800))
def test_rate_is_a_step_of_five_within_the_cap_and_fits_where_it_can(
    natural: int, soft: int, breath: int
) -> None:
    room = Room(soft, soft + breath)
    percent = rate_percent(natural, room)
    assert percent % 5 == 0
    assert 100 <= percent <= 135
    assert percent == 135 or natural * 100 <= room.hard * percent
