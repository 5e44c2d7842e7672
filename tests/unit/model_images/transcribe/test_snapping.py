"""Cues move to the speech under them, never into a neighbour's."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airdub.speech import SpeechSpans
from airdub.transcript import Action, Kind, Segment
from model_images.transcribe.snapping import ASTRAY, LEAD, TAIL, snap
from tests.builders import seconds, transcript


def heard(*spans: tuple[float, float]) -> SpeechSpans:
    return SpeechSpans(
        spans=tuple((seconds(start), seconds(end)) for start, end in spans), method="test"
    )


def snapped(
    cues: list[tuple[float, float]], speech: SpeechSpans
) -> tuple[list[tuple[float, float]], list[str]]:
    segments = transcript(*((start, end, "x") for start, end in cues)).segments
    found, silent = snap(segments, speech, seconds(60))
    return [(one.start / 48_000, one.end / 48_000) for one in found], silent


@pytest.mark.parametrize(
    ("cue", "speech", "expected"),
    [
        ((1, 4), heard((1.5, 3.2)), (1.5, 3.2)),  # a reader's cue around the speech
        ((1, 3), heard((0.8, 3.4)), (0.8, 3.4)),  # speech a little outside of it
        ((1, 3), heard((0.2, 2.5)), (1, 2.5)),  # it began long before: the cue knows better
        ((1, 3), heard((1.2, 9)), (1.2, 3)),  # it goes on long after
        ((1, 5), heard((1.5, 2), (3, 4.5)), (1.5, 4.5)),  # a pause inside stays inside
        ((2, 5), heard((0.5, 1.65), (2.8, 4.5)), (2.8, 4.5)),  # a neighbour's last syllable
        ((1, 3), heard((1.5, 1.6)), (1, 3)),  # a click is no line
    ],
)
def test_a_cue_finds_its_speech(
    cue: tuple[float, float], speech: SpeechSpans, expected: tuple[float, float]
) -> None:
    times, _ = snapped([cue], speech)
    assert times == [pytest.approx(expected, abs=1e-4)]


def test_neighbours_share_one_stretch_of_speech_where_their_cues_meet() -> None:
    times, silent = snapped([(1, 3), (3, 5)], heard((1.2, 4.8)))
    assert times == [(1.2, 3), (3, 4.8)]
    assert silent == []


def test_a_cue_without_speech_keeps_its_times_and_is_named() -> None:
    times, silent = snapped([(1, 2), (5, 6)], heard((5.1, 5.9)))
    assert times == [(1, 2), (5.1, 5.9)]
    assert silent == ["s0001"]


def test_overlapping_voices_are_kept() -> None:
    times, _ = snapped([(1, 4), (2, 3)], heard((1.1, 3.9)))
    assert times == [(1.1, 3.9), (2, 3)]


def test_songs_stay_where_they_are() -> None:
    song = Segment(
        id="s0001",
        start=seconds(1),
        end=seconds(4),
        text="la",
        kind=Kind.SONG,
        action=Action.KEEP,
    )
    assert snap([song], heard((2, 3)), seconds(9)) == ((song,), [])


@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(1, 8)), min_size=1, max_size=12),
    st.lists(st.integers(0, 600), unique=True, max_size=20).map(sorted),
)
def test_snapping_stays_near_the_cue_and_in_the_timeline(
    cues: list[tuple[int, int]], edges: list[int]
) -> None:
    segments = transcript(*((at, at + long, "x") for at, long in sorted(cues))).segments
    speech = heard(*((a / 10, b / 10) for a, b in zip(edges[::2], edges[1::2], strict=False)))
    found, _ = snap(segments, speech, seconds(60))
    assert [one.id for one in found] == [one.id for one in segments]
    for before, after in zip(segments, found, strict=True):
        assert 0 <= after.start < after.end <= seconds(60)
        assert after.start >= before.start - LEAD - ASTRAY
        assert after.end <= before.end + TAIL + ASTRAY
        assert after.start < before.end
        assert after.end > before.start
        assert after.action is Action.DUB


def test_speech_between_two_cues_goes_to_the_nearer_one() -> None:
    early, _ = snapped([(1, 2), (2.6, 4)], heard((1.1, 1.9), (2.25, 2.3), (2.7, 3.9)))
    assert early == [(1.1, 2.3), (2.7, 3.9)]
    late, _ = snapped([(1, 2), (2.6, 4)], heard((1.1, 1.9), (2.25, 2.55), (2.7, 3.9)))
    assert late == [(1.1, 1.9), (2.25, 3.9)]


@pytest.mark.parametrize("pause", [(2.6, 2.9), (3.1, 3.3), (2.8, 3.2)])
def test_turns_of_one_cue_part_at_the_pause(pause: tuple[float, float]) -> None:
    times, _ = snapped([(1, 3), (3, 5)], heard((1, pause[0]), (pause[1], 5)))
    assert times == [pytest.approx((1, pause[0])), pytest.approx((pause[1], 5))]


def test_a_pause_far_from_the_border_is_a_pause_within_a_line() -> None:
    times, _ = snapped([(1, 3), (3, 5)], heard((1, 2.1), (2.3, 5)))
    assert times == [(1, 3), (3, 5)]


def test_speech_beyond_an_edge_is_of_him_who_talks_there() -> None:
    times, _ = snapped([(1, 3), (2.5, 4)], heard((1.1, 3.5)))
    assert times == [(1.1, 3), (2.5, 3.5)]


def test_a_line_that_starts_late_does_not_overtake_the_next() -> None:
    times, silent = snapped([(1, 5), (2, 3)], heard((3.5, 4.9)))
    assert times == [(2, 4.9), (2, 3)]
    assert silent == ["s0002"]


def test_tens_of_thousands_of_cues_take_no_time() -> None:
    cues = [(at / 1, at + 0.8) for at in range(20_000)]
    segments = transcript(*((*cue, "x") for cue in cues), duration_s=20_000).segments
    start = time.process_time()
    found, silent = snap(segments, heard(*((a + 0.1, b) for a, b in cues)), seconds(20_000))
    assert time.process_time() - start < 10
    assert silent == []
    assert found[-1].start == seconds(19_999.1)


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(1, 40)), min_size=1, max_size=8),
    st.lists(st.tuples(st.integers(0, 30), st.integers(1, 40)), max_size=8),
    st.lists(st.integers(0, 600), unique=True, max_size=40).map(sorted),
)
def test_order_stays_and_no_speaker_meets_himself(
    anna: list[tuple[int, int]], ben: list[tuple[int, int]], edges: list[int]
) -> None:
    cues = []
    for speaker, gaps in (("ANNA", anna), ("BEN", ben)):
        at = 0
        for gap, length in gaps:
            start, at = at + gap, at + gap + length
            cues.append((start, at, speaker))
    segments = [
        Segment(id=str(n), start=start * 4800, end=end * 4800, speaker=speaker, text="x")
        for n, (start, end, speaker) in enumerate(sorted(cues))
    ]
    speech = heard(*((a / 10, b / 10) for a, b in zip(edges[::2], edges[1::2], strict=False)))
    found, _ = snap(segments, speech, seconds(120))
    assert [one.start for one in found] == sorted(one.start for one in found)
    for speaker in ("ANNA", "BEN"):
        own = [one for one in found if one.speaker == speaker]
        assert all(one.end <= other.start for one, other in pairwise(own))
    for before, after in zip(segments, found, strict=True):
        assert before.start - LEAD - ASTRAY <= after.start < after.end
        assert after.end <= before.end + TAIL + ASTRAY
