from __future__ import annotations

from fractions import Fraction

import pytest

from airdub.errors import InvalidInput
from airdub.subtitles.subrip import read_srt
from airdub.subtitles.timecodes import FrameClock

MS = 48
FIRST = "1\n00:00:01,000 --> 00:00:02,000\n"


def cues(text: str, frames: FrameClock | None = None) -> list[tuple[str, int, int, str]]:
    found, _ = read_srt(text, name="s.srt", frames=frames)
    return [(cue.place, cue.start // MS, cue.end // MS, cue.text) for cue in found]


def test_blocks_become_cues_with_their_place() -> None:
    text = FIRST + "Hola\nmundo\n\n2\n00:00:03,000 --> 00:00:04,500\nAdiós\n"
    assert cues(text) == [
        ("line 2, cue 1", 1000, 2000, "Hola\nmundo"),
        ("line 7, cue 2", 3000, 4500, "Adiós"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (FIRST + "In\n1984", "In\n1984"),  # pysubs2 alone takes it for a counter
        (FIRST + "1984\n\n", "1984"),
        (FIRST + "go --> there", "go --> there"),
        (FIRST + "at 10:30 -> leave", "at 10:30 -> leave"),
        (FIRST + "a\n\n\n\nb", "a\nb"),
        ("00:00:01,000 --> 00:00:02,000\nno counter", "no counter"),
        ("1\n00:00:01.000-->00:00:02,0 X1:40 Y1:20\nHi", "Hi"),
        ("\n\n" + FIRST + "blank lines before", "blank lines before"),
    ],
)
def test_odd_but_clear_files_are_read(text: str, expected: str) -> None:
    assert [cue[1:] for cue in cues(text)] == [(1000, 2000, expected)]


def test_a_block_without_a_blank_line_before_it_is_its_own_cue() -> None:
    text = FIRST + "uno\n2\n00:00:03,000 --> 00:00:04,000\ndos\n"
    assert [cue[3] for cue in cues(text)] == ["uno", "dos"]


def test_an_empty_cue_keeps_its_place() -> None:
    text = FIRST + "\n2\n00:00:03,000 --> 00:00:04,000\ndos\n"
    assert [cue[3] for cue in cues(text)] == ["", "dos"]


def test_frames_are_counted_at_the_media_s_rate() -> None:
    found, _ = read_srt(
        "1\n00:00:01:12 --> 00:00:02:00\nHi",
        name="s.srt",
        frames=FrameClock(Fraction(24000, 1001)),
    )
    assert (found[0].start, found[0].end) == (72_072, 96_096)


SECOND_CUE = FIRST + "uno\n\n2\n{}\ndos\n"


@pytest.mark.parametrize(
    ("text", "where", "reason"),
    [
        (SECOND_CUE.format("-00:00:03,000 --> 00:00:04,000"), "line 6, cue 2, start", "negative"),
        (SECOND_CUE.format("00:00:03,000 --> -00:00:04,000"), "line 6, cue 2, end", "negative"),
        (SECOND_CUE.format("00:00:-3,000 --> 00:00:04,000"), "line 6, cue 2, start", "no time"),
        (SECOND_CUE.format("00:0x:03,000 --> 00:00:04,000"), "line 6, cue 2, start", "no time"),
        (SECOND_CUE.format("00:00:03,000 --> 00:00:74,000"), "line 6, cue 2, end", "59"),
        (SECOND_CUE.format("00:00:03,000 -> 00:00:04,000"), "line 6, cue 2", "no timing line"),
        (SECOND_CUE.format("00:00:03,000 -->"), "line 6, cue 2", "no timing line"),
        (SECOND_CUE.format("tres a cuatro"), "line 6, cue 2", "has no times"),
        (SECOND_CUE.format("00:00:03:99 --> 00:00:04:00"), "line 6, cue 2, start", "not known"),
        ("hola\n" + FIRST + "uno", "line 1", "before the first cue"),
        (FIRST + "x" * 6000, "line 3", "6000 characters"),
    ],
)
def test_a_malformed_block_is_refused_never_dropped(text: str, where: str, reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason) as caught:
        cues(text)
    assert caught.value.where == f"s.srt, {where}"
    assert caught.value.remedy


def test_a_library_of_cues_is_no_script() -> None:
    with pytest.raises(InvalidInput, match="50001 cues"):
        cues((FIRST + "x\n\n") * 50_001)
