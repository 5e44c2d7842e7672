from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airdub.errors import InvalidInput
from airdub.subtitles.script import Cue, Format, Run, Script
from airdub.subtitles.segments import to_segments
from airdub.transcript import Action, Kind, Segment

MS = 48


def script(*cues: tuple[int, int, str], language: str = "es") -> Script:
    made = (
        Cue(f"line {number}, cue {number}", start * MS, end * MS, (Run(text),))
        for number, (start, end, text) in enumerate(cues, 1)
    )
    return Script("film.srt", Format.SRT, "utf-8", language, 0, tuple(made))


def rows(segments: tuple[Segment, ...]) -> list[tuple[str, int, int, str, str]]:
    return [(s.id, s.start // MS, s.end // MS, s.speaker, s.text) for s in segments]


def test_cues_become_segments_in_order_of_onset() -> None:
    segments = to_segments(script((3000, 4000, "Dos"), (1000, 2000, "[puerta]"), (500, 900, "Uno")))
    assert rows(segments) == [
        ("s0001", 500, 900, "speaker_1", "Uno"),
        ("s0002", 1000, 2000, "speaker_1", ""),
        ("s0003", 3000, 4000, "speaker_1", "Dos"),
    ]
    assert (segments[1].kind, segments[1].action) == (Kind.EFFORT, Action.KEEP)
    assert (segments[0].cue_start, segments[0].cue_end) == (500 * MS, 900 * MS)


def test_turns_share_the_cue_by_length_and_have_speakers_of_their_own() -> None:
    segments = to_segments(script((1000, 3000, "- Hola, Luis.\n- Eh."), (4000, 5000, "Sí")))
    assert rows(segments) == [
        ("s0001", 1000, 2538, "speaker_1", "Hola, Luis."),  # 10 characters of 13
        ("s0002", 2538, 3000, "speaker_2", "Eh."),
        ("s0003", 4000, 5000, "speaker_1", "Sí"),
    ]
    assert segments[1].cue_start == 1000 * MS
    assert segments[1].start == segments[0].end


def test_overlapping_cues_are_kept_as_several_voices() -> None:
    segments = to_segments(
        script((1000, 4000, "Uno"), (2000, 5000, "Dos"), (3000, 6000, "Tres"), (5500, 7000, "No"))
    )
    assert rows(segments) == [
        ("s0001", 1000, 4000, "speaker_1", "Uno"),
        ("s0002", 2000, 5000, "speaker_2", "Dos"),
        ("s0003", 3000, 6000, "speaker_3", "Tres"),
        ("s0004", 5500, 7000, "speaker_1", "No"),
    ]


def test_cues_that_just_run_into_each_other_are_one_voice() -> None:
    segments = to_segments(script((1000, 2100, "Uno"), (2000, 3000, "Dos")))
    assert rows(segments) == [
        ("s0001", 1000, 2000, "speaker_1", "Uno"),
        ("s0002", 2000, 3000, "speaker_1", "Dos"),
    ]


def test_one_spelling_of_a_name_and_no_overlap_with_oneself() -> None:
    segments = to_segments(
        script((1000, 4000, "ANA: Uno"), (2000, 5000, "Ana: Dos"), (2000, 5000, "Luis: Tres"))
    )
    assert rows(segments) == [
        ("s0001", 1000, 2000, "ANA", "Uno"),
        ("s0002", 2000, 5000, "ANA", "Dos"),
        ("s0003", 2000, 5000, "Luis", "Tres"),
    ]


def test_one_speaker_s_cues_shown_at_once_take_turns() -> None:
    segments = to_segments(script((1000, 3000, "ANA: Uno"), (1000, 3000, "ANA: Dos")))
    assert [(s.start // MS, s.end // MS) for s in segments] == [(1000, 2000), (2000, 3000)]


def test_a_script_that_says_nothing_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no words and no sounds") as caught:
        to_segments(script((0, 1000, "..."), (1000, 2000, "-")))
    assert caught.value.where == "film.srt"


def test_a_cue_too_short_for_its_turns_is_refused() -> None:
    made = Cue("line 2, cue 1", 0, 2, (Run("- a\n- b\n- c"),))
    with pytest.raises(InvalidInput, match="too short for its 3 turns") as caught:
        to_segments(Script("film.srt", Format.SRT, "utf-8", "es", 0, (made,)))
    assert caught.value.where == "film.srt, line 2, cue 1"


TEXTS = st.sampled_from(
    [
        "Hola",
        "- Hola\n- Adiós",
        "ANA: Vale",
        "LUIS: No\nANA: Sí",
        "[ríe]",
        "♪ la ♪",
        "...",
        "Ana: x",
    ]
)


@settings(deadline=None)  # the machine may be busy
@given(
    st.lists(st.tuples(st.integers(0, 20_000), st.integers(100, 5000), TEXTS), min_size=1).filter(
        lambda cues: any(text != "..." for _, _, text in cues)
    )
)
def test_no_speaker_talks_over_himself_and_nothing_leaves_its_script(
    cues: list[tuple[int, int, str]],
) -> None:
    segments = to_segments(script(*((at, at + length, text) for at, length, text in cues)))
    assert [s.id for s in segments] == [f"s{n:04}" for n in range(1, len(segments) + 1)]
    assert [s.start for s in segments] == sorted(s.start for s in segments)
    for speaker in {s.speaker for s in segments}:
        own = [s for s in segments if s.speaker == speaker]
        assert all(one.end <= other.start for one, other in pairwise(own))
    expected = sum(text.count("\n") + 1 for _, _, text in cues if text != "...")
    assert len(segments) == expected
    last = max(at + length for at, length, _ in cues) * MS
    assert all(0 <= s.start < s.end <= last for s in segments)
