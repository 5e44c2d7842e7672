from __future__ import annotations

import tempfile
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airdub.subtitles.breaking import reading_rules, width
from airdub.subtitles.markup import tidy
from airdub.subtitles.reading import read_script
from airdub.subtitles.segments import to_segments
from airdub.subtitles.writing import (
    LONGEST,
    SHORTEST,
    SubtitleCue,
    SubtitleLine,
    lay_out,
    too_fast,
    write_srt,
    write_vtt,
)

MS = 48
HOUR = 3600 * 1000


def line(start_ms: int, end_ms: int, text: str, speaker: str = "") -> SubtitleLine:
    return SubtitleLine(start_ms * MS, end_ms * MS, text, speaker)


def laid(
    *lines: SubtitleLine, language: str = "en", duration_ms: int = HOUR
) -> list[tuple[int, int, tuple[str, ...]]]:
    cues = lay_out(
        lines, language=language, duration=duration_ms * MS, frame_rate=Fraction(24000, 1001)
    )
    assert all(cue.start % MS == cue.end % MS == 0 for cue in cues)
    return [(cue.start // MS, cue.end // MS, cue.lines) for cue in cues]


def test_a_readable_line_keeps_its_times() -> None:
    assert laid(line(1000, 3000, "  Hello\nthere ")) == [(1000, 3000, ("Hello there",))]
    assert laid(line(1000, 3000, " \n")) == []


def test_a_short_cue_stays_for_five_sixths_of_a_second_if_it_can() -> None:
    assert laid(line(1000, 1200, "No")) == [(1000, 1833, ("No",))]
    assert laid(line(1000, 1200, "No"), line(1500, 2500, "Yes"))[0] == (1000, 1416, ("No",))
    assert laid(line(1000, 1200, "No"), duration_ms=1300) == [(1000, 1300, ("No",))]


def test_a_cue_that_is_hard_to_read_borrows_the_silence_after_it() -> None:
    text = "I never said that I would come."  # 31 characters: 1.824 s at 17 a second
    assert laid(line(1000, 2000, text)) == [(1000, 2823, (text,))]
    assert laid(line(1000, 2000, text, "A"), line(2200, 4000, "x", "A"))[0][:2] == (1000, 2116)


def test_reading_speed_is_the_language_s() -> None:
    assert laid(line(0, 1000, "今日はいい天気"), language="ja")[0][:2] == (0, 1750)
    assert laid(line(0, 500, "今天天气很好啊"), language="zh")[0][:2] == (0, 833)


def test_two_frames_part_cues_that_follow_at_once() -> None:
    cues = laid(line(1000, 3000, "One"), line(3000, 4000, "Two"))
    assert cues == [(1000, 2916, ("One",)), (3000, 4000, ("Two",))]


def test_a_long_line_goes_on_in_cues_that_share_its_time_by_length() -> None:
    text = "I had seen him once before. " * 4
    cues = laid(line(0, 8000, text))
    assert cues == [
        (0, 3916, ("I had seen him once before.", "I had seen him once before.")),
        (4000, 8000, ("I had seen him once before.", "I had seen him once before.")),
    ]


def test_a_drawn_out_word_leaves_after_seven_seconds() -> None:
    assert laid(line(0, 10_000, "Noooo")) == [(0, 7000, ("Noooo",))]


def test_voices_at_once_share_a_cue() -> None:
    cues = laid(line(1000, 3000, "What?", "A"), line(1500, 3500, "No!", "B"))
    assert cues == [(1000, 3500, ("- What?", "- No!"))]


def test_long_voices_at_once_overlap() -> None:
    text = "I had seen him once before. He was never alone."
    cues = laid(line(1000, 5000, text, "A"), line(2000, 6000, text, "B"))
    assert [cue[:2] for cue in cues] == [(1000, 5000), (2000, 6000)]


def test_a_tail_gives_way_to_the_next_voice() -> None:
    cues = laid(line(1000, 3000, "What?", "A"), line(2800, 4000, "No!", "B"))
    assert [cue[:2] for cue in cues] == [(1000, 2716), (2800, 4000)]


def test_cues_too_fast_to_read_are_named() -> None:
    cues = lay_out([line(0, 1000, "a" * 40)], language="en", duration=1000 * MS)
    assert too_fast(cues, "en") == cues
    assert cues[0].speed(reading_rules("en")) == 40
    assert too_fast(lay_out([line(0, 2000, "a" * 40)], language="en", duration=HOUR), "en") == ()


@pytest.mark.parametrize("span", [(5000, 5000), (-1, 1000), (HOUR, HOUR + 1)])
def test_lines_outside_the_media_are_a_bug(span: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="in media of"):
        laid(line(*span, "x"))


CUES = (
    SubtitleCue(1000 * MS, 2500 * MS, ("Tom & <b>Jerry</b>", "go --> {\\an8} &amp; C:\\New")),
    SubtitleCue(3_723_004 * MS, 3_724_000 * MS, ("¿Qué?",)),
)


def test_subrip() -> None:
    assert write_srt(CUES) == (
        "1\n00:00:01,000 --> 00:00:02,500\n"
        "Tom & <\u2060b>Jerry<\u2060/b>\n"
        "go --\u2060> {\u2060\\an8} &\u2060amp; C:\\\u2060New\n"
        "\n"
        "2\n01:02:03,004 --> 01:02:04,000\n¿Qué?\n"
    )


def test_webvtt() -> None:
    assert write_vtt(CUES) == (
        "WEBVTT\n\n"
        "00:00:01.000 --> 00:00:02.500\n"
        "Tom &amp; &lt;b&gt;Jerry&lt;/b&gt;\n"
        "go --&gt; {\u2060\\an8} &amp;amp; C:\\\u2060New\n"
        "\n"
        "01:02:03.004 --> 01:02:04.000\n¿Qué?\n"
    )


def test_nothing_is_written_as_an_empty_file() -> None:
    assert write_srt(()) == ""
    assert write_vtt(()) == "WEBVTT\n"


TEXT = st.text(
    alphabet=st.one_of(
        st.sampled_from("ab 1984:,.-–>< {}\\/&;#[]()♪¿éÑ\n"),
        st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn", "Co"]),
    ),
    min_size=1,
    max_size=120,
)
LINES = st.lists(
    st.builds(
        lambda start, length, text, speaker: line(start, start + length, text, speaker),
        st.integers(0, 60_000),
        st.integers(100, 9000),
        TEXT,
        st.sampled_from("AB"),
    ),
    min_size=1,
    max_size=6,
)
LANGUAGES = st.sampled_from(["en", "ja", "ko", "ar", "th"])


@settings(deadline=None)  # the machine may be busy
@given(LINES, LANGUAGES)
def test_what_is_laid_out_is_readable(lines: list[SubtitleLine], language: str) -> None:
    rules = reading_rules(language)
    cues = lay_out(lines, language=language, duration=70_000 * MS)
    assert [cue.start for cue in cues] == sorted(cue.start for cue in cues)
    starts = {one.start for one in lines}
    for cue in cues:
        assert 0 <= cue.start < cue.end <= 70_000 * MS
        assert cue.end - cue.start <= LONGEST
        assert len(cue.lines) <= 2
        assert all(width(text, rules) <= rules.line_width for text in cue.lines)
    for one, other in pairwise(cues):
        lone = one.start in starts and not any(
            line.start < one.end and line.end > one.start
            for line in lines
            if line.start != one.start
        )
        if lone and other.start - one.start >= 2 * SHORTEST:
            assert one.end - one.start >= SHORTEST - MS
    shown = "".join("".join(text.removeprefix("- ").split()) for cue in cues for text in cue.lines)
    given_text = "".join("".join(tidy(one.text).replace("\ufffd", "").split()) for one in lines)
    assert sorted(shown.replace("-", "")) == sorted(given_text.replace("-", ""))


@settings(deadline=None)  # the machine may be busy
@given(LINES, LANGUAGES, st.sampled_from([".srt", ".vtt"]))
def test_what_is_written_is_read_again(
    lines: list[SubtitleLine], language: str, suffix: str
) -> None:
    cues = lay_out(lines, language=language, duration=70_000 * MS)
    if not cues:
        return
    text = write_srt(cues) if suffix == ".srt" else write_vtt(cues)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"dub{suffix}")
        path.write_text(text, encoding="utf-8")
        script = read_script(path, language=language, duration=70_000 * MS)
    assert [(cue.start, cue.end, cue.text) for cue in script.cues] == [
        (cue.start, cue.end, "\n".join(cue.lines)) for cue in cues
    ]


def test_dialogue_goes_round_through_both_formats(tmp_path: Path) -> None:
    cues = lay_out(
        [line(1000, 3000, "¿Vienes?", "A"), line(1200, 3100, "No.", "B"), line(4000, 5000, "Ya.")],
        language="es",
        duration=9000 * MS,
    )
    for suffix, text in ((".srt", write_srt(cues)), (".vtt", write_vtt(cues))):
        path = tmp_path / f"dub{suffix}"
        path.write_text(text, encoding="utf-8")
        segments = to_segments(read_script(path, language="es", duration=9000 * MS))
        assert [s.text for s in segments] == ["¿Vienes?", "No.", "Ya."]
        assert [s.speaker for s in segments] == ["speaker_1", "speaker_2", "speaker_1"]
