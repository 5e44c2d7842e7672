"""Lines of a target script find their segments, whatever the two scripts' cuts."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airdub.subtitles.alignment import Homes, lay_out, shared_out
from airdub.transcript import Action, Segment
from tests.builders import seconds


def said(start: float, end: float, text: str = "x", speaker: str = "speaker_1") -> Segment:
    return Segment(id="s", start=seconds(start), end=seconds(end), speaker=speaker, text=text)


def test_lines_of_one_segment_are_joined() -> None:
    texts, homeless = lay_out([said(1, 2, "La casa"), said(2, 3, "es grande.")], [said(1, 3)])
    assert texts == ["La casa es grande."]
    assert homeless == []


def test_segments_of_one_line_share_it_at_its_best_break() -> None:
    line = said(1, 5, "We leave at dawn. Bring the ropes.")
    texts, _ = lay_out([line], [said(1, 3), said(3.2, 5)])
    assert texts == ["We leave at dawn.", "Bring the ropes."]


def test_a_segment_of_somebody_else_has_no_share() -> None:
    texts, _ = lay_out([said(1, 5, "We leave. Now.")], [said(1, 3), said(3, 5, speaker="BEN")])
    assert texts == ["We leave. Now.", ""]


def test_a_segment_that_a_line_hardly_touches_has_no_share() -> None:
    texts, _ = lay_out([said(1, 3.5, "We leave. Now.")], [said(1, 3), said(3, 5)])
    assert texts == ["We leave. Now.", ""]


def test_a_song_has_no_share() -> None:
    song = said(3, 5).model_copy(update={"action": Action.SUBTITLE})
    assert lay_out([said(1, 5, "We leave. Now.")], [said(1, 3), song])[0][1] == ""


def test_a_line_far_from_speech_is_homeless_and_a_near_one_is_not() -> None:
    near, far = said(3.5, 4, "Near."), said(9, 10, "Far.")
    texts, homeless = lay_out([near, far], [said(1, 3)])
    assert (texts, homeless) == (["Near."], [far])


def test_of_overlapping_voices_the_named_one_is_home() -> None:
    homes = Homes([said(0, 3, speaker="Ana"), said(1, 2, speaker="Ben")])
    assert homes.of(said(1, 3, speaker="BEN")) == 1
    assert homes.of(said(1, 3, speaker="?")) == 0


def test_the_cue_counts_where_the_speech_was_snapped() -> None:
    snapped = said(2, 2.5).model_copy(update={"cue_start": seconds(1), "cue_end": seconds(4)})
    assert Homes([snapped]).of(said(3.2, 4)) == 0
    assert Homes([]).of(said(1, 2)) is None


def test_thousands_of_lines_take_no_time() -> None:
    many = [said(at, at + 1) for at in range(10_000)]
    start = time.process_time()
    texts, homeless = lay_out(many, many)
    assert texts == ["x"] * 10_000
    assert homeless == []
    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    ("text", "weights", "parts"),
    [
        ("one two three four", (1, 1), ["one two", "three four"]),
        ("Yes, I know it all by heart", (1, 1), ["Yes, I know", "it all by heart"]),
        ("I know it, by heart", (1, 1), ["I know it,", "by heart"]),
        ("a b c", (1, 1, 1), ["a", "b", "c"]),
        ("我们明天早上出发", (1, 1), ["我们明天", "早上出发"]),
        ("word", (1, 1), []),
        ("a b", (1, 1, 1), []),
        ("all of it", (1,), ["all of it"]),
        ("", (1, 1), []),
    ],
)
def test_shares(text: str, weights: tuple[int, ...], parts: list[str]) -> None:
    assert shared_out(text, weights) == parts


@given(
    st.text(alphabet="ab .,¿明", max_size=40), st.lists(st.integers(1, 9), min_size=1, max_size=4)
)
def test_shares_lose_nothing(text: str, weights: list[int]) -> None:
    parts = shared_out(text.strip(), weights)
    if parts:
        assert len(parts) == len(weights)
        assert "".join("".join(parts).split()) == "".join(text.split())
