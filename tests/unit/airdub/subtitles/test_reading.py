from __future__ import annotations

import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from airdub.errors import InvalidInput
from airdub.subtitles.reading import MAX_BYTES, read_script
from airdub.subtitles.script import Format, Script
from airdub.transcript import Action

SECOND = 48_000
MS = 48
FILM = Fraction(24000, 1001)
NTSC = Fraction(30000, 1001)
TT = (
    '<tt xmlns="http://www.w3.org/ns/ttml" xmlns:ttp="http://www.w3.org/ns/ttml#parameter" {}>'
    "{}</tt>"
)


def read(
    folder: Path,
    content: str | bytes,
    suffix: str = ".srt",
    *,
    language: str = "es",
    duration_s: int = 60,
    rate: Fraction | None = FILM,
    timecode: str = "",
) -> Script:
    path = folder / f"film{suffix}"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_script(
        path,
        language=language,
        duration=duration_s * SECOND,
        frame_rate=rate,
        start_timecode=timecode,
    )


def srt(start: str, end: str, text: str = "Hola") -> str:
    return f"1\n{start} --> {end}\n{text}\n"


@pytest.mark.parametrize(
    ("content", "suffix", "kind"),
    [
        (srt("00:00:01,000", "00:00:02,000"), ".srt", Format.SRT),
        (srt("00:00:01,000", "00:00:02,000"), ".txt", Format.SRT),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\nHola\n", ".vtt", Format.VTT),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\nHola\n", ".srt", Format.VTT),
        (
            TT.format("", '<body><div><p begin="1s" end="2s">Hola</p></div></body>'),
            ".xml",
            Format.TTML,
        ),
    ],
)
def test_the_content_tells_the_format(
    tmp_path: Path, content: str, suffix: str, kind: Format
) -> None:
    script = read(tmp_path, content, suffix)
    assert (script.format, script.name, script.encoding) == (kind, f"film{suffix}", "utf-8")
    (cue,) = script.cues
    assert (cue.start, cue.end, cue.text) == (SECOND, 2 * SECOND, "Hola")


@pytest.mark.parametrize(
    ("start", "end", "timecode", "offset"),
    [
        ("00:00:05,000", "00:00:06,000", "01:00:00:00", 0),  # fits as it stands
        ("01:00:05,000", "01:00:06,000", "", 3600),
        ("10:00:05,000", "10:00:06,000", "", 36_000),
        ("01:00:05,000", "01:00:06,000", "01:00:00:00", 3600),
        ("00:58:35,000", "00:58:36,000", "00:58:30:00", 3510),
    ],
)
def test_a_start_time_code_is_subtracted(
    tmp_path: Path, start: str, end: str, timecode: str, offset: int
) -> None:
    script = read(tmp_path, srt(start, end), timecode=timecode)
    assert script.offset == offset * SECOND
    assert (script.cues[0].start, script.cues[0].end) == (5 * SECOND, 6 * SECOND)


@pytest.mark.parametrize(
    ("text", "rate", "timecode", "start"),
    [
        ("01:00:05:12", FILM, "", 264_264),  # 132 frames of 2002 ticks
        ("01:00:05:12", FILM, "01:00:00:00", 264_264),
        ("01:00:05;12", NTSC, "01:00:00;00", 259_459),  # 162 frames of 1601.6
        ("01:00:05:12", NTSC, "01:00:00;00", 259_459),  # colons, but the media drops frames
        ("10:00:05:12", Fraction(25), "10:00:00:00", 263_040),
    ],
)
def test_scripts_that_count_frames_start_at_the_media_s_label(
    tmp_path: Path, text: str, rate: Fraction, timecode: str, start: int
) -> None:
    end = text.replace("05", "06")
    script = read(tmp_path, srt(text, end), rate=rate, timecode=timecode)
    assert script.cues[0].start == start


def test_ttml_labels_at_23_976_do_not_drift(tmp_path: Path) -> None:
    """Read as 24 frames a second, the same label would lie 3.6 s off after an hour."""
    attributes = 'ttp:timeBase="smpte" ttp:frameRate="24" ttp:frameRateMultiplier="1000 1001"'
    body = '<body><div><p begin="02:00:00:00" end="02:00:10:00">Hola</p></div></body>'
    script = read(tmp_path, TT.format(attributes, body), ".ttml", duration_s=3700)
    assert script.offset == 2 * 172_972_800
    other = body.replace("02:00:00:00", "01:00:00:00").replace("02:00:10", "02:00:09")
    script = read(tmp_path, TT.format(attributes, other), ".ttml", duration_s=8000)
    assert script.cues[0].start == 3603.6 * SECOND


def test_drop_frame_labels_in_ttml_start_at_their_own_hour(tmp_path: Path) -> None:
    body = '<body><div><p begin="01:00:05;12" end="01:00:06;00">Hola</p></div></body>'
    attributes = 'ttp:frameRate="30" ttp:frameRateMultiplier="1000 1001"'
    script = read(tmp_path, TT.format(attributes, body), ".ttml", rate=NTSC)
    assert script.cues[0].start == 259_459


def test_a_time_code_of_the_media_with_a_frame_too_many_still_counts(tmp_path: Path) -> None:
    script = read(tmp_path, srt("01:00:05:12", "01:00:06:00"), timecode="01:00:00:59")
    assert script.offset > 0
    assert 0 <= script.cues[0].start < 60 * SECOND


def test_a_tail_beyond_the_end_is_clamped(tmp_path: Path) -> None:
    script = read(tmp_path, srt("00:00:59,000", "00:01:00,900"))
    assert script.cues[0].end == 60 * SECOND


CUE = srt("00:00:01,000", "00:00:02,000")


@pytest.mark.parametrize(
    ("content", "suffix", "where", "reason"),
    [
        (b"", ".srt", "film.srt", "0 bytes"),
        (" \n\n", ".srt", "film.srt", "is empty"),
        ("\ufeff", ".srt", "film.srt", "is empty"),
        ("hello world", ".srt", "film.srt", "not SubRip: no times"),
        ("hello world", ".vtt", "film.vtt", "not WebVTT"),
        ("hello world", ".doc", "film.doc", "not a script"),
        ("[Script Info]\nTitle: x", ".ass", "film.ass", "SubStation Alpha"),
        ("{1}{20}Hola", ".sub", "film.sub", "MicroDVD"),
        ("WEBVTT\n", ".vtt", "film.vtt", "no cue with text"),
        (srt("00:00:01,000", "00:00:02,000", ""), ".srt", "film.srt", "no cue with text"),
        (srt("-00:00:01,000", "00:00:02,000"), ".srt", "line 2, cue 1, start", "negative"),
        (srt("00:00:02,000", "00:00:01,000"), ".srt", "line 2, cue 1, end", "not after its start"),
        (srt("00:00:02,000", "00:00:02,000"), ".srt", "line 2, cue 1, end", "not after its start"),
        (srt("00:00:59,000", "00:01:01,100"), ".srt", "line 2, cue 1, end", "beyond the media's"),
        (srt("00:01:00,000", "00:01:00,500"), ".srt", "line 2, cue 1, start", "beyond the media's"),
        (
            CUE + "\n2\n01:00:05,000 --> 01:00:06,000\nx\n",
            ".srt",
            "line 6, cue 2, start",
            "beyond the media's",
        ),
        (
            srt("00:00:01,000", "00:00:02,000", "palabra\n" * 800),
            ".srt",
            "cue 1, text",
            "6399 char",
        ),
        (b"\x00\x01\x02\x03" * 100, ".srt", "film.srt, line 1", "no text has|not valid"),
        (f"{CUE}día".encode("cp500"), ".srt", "film.srt, line 1", "no encoding fits"),
        ("<?xml version='1.0'?><tt>", ".ttml", "film.ttml, line 1", "not well-formed"),
    ],
)
def test_bad_scripts_are_refused_with_place_and_remedy(
    tmp_path: Path, content: str | bytes, suffix: str, where: str, reason: str
) -> None:
    with pytest.raises(InvalidInput, match=reason) as caught:
        read(tmp_path, content, suffix)
    assert caught.value.where.startswith("film")
    assert caught.value.where.endswith(where) or caught.value.where.startswith(where)
    assert caught.value.remedy
    assert caught.value.exit_code == 65


def test_an_absurd_size_is_refused_unread(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="bigger than 16 MiB"):
        read(tmp_path, b"x" * (MAX_BYTES + 1))


def test_a_missing_file_an_unknown_language_and_a_bad_time_code(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="can't be read"):
        read_script(tmp_path / "none.srt", language="es", duration=SECOND)
    with pytest.raises(InvalidInput, match="no known language"):
        read(tmp_path, CUE, language="xx")
    with pytest.raises(InvalidInput, match="no time code") as caught:
        read(tmp_path, CUE, timecode="soon")
    assert caught.value.where == "film.srt, start time code of the media"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ko", "민수: 안녕하세요"),
        ("ja", "田中：こんにちは"),
        ("zh", "小明：你好"),
        ("ar", "أحمد: مرحبا"),
        ("hi", "राम: नमस्ते"),
    ],
)
def test_scripts_of_other_writing_systems(tmp_path: Path, language: str, text: str) -> None:
    from airdub.subtitles import to_segments

    script = read(tmp_path, srt("00:00:01,000", "00:00:02,000", text), language=language)
    (segment,) = to_segments(script)
    assert segment.action is Action.DUB
    assert segment.speaker == text[: len(segment.speaker)]
    assert segment.text == text[len(segment.speaker) + 1 :].strip()


@given(
    st.one_of(
        st.binary(max_size=200),
        st.text(alphabet="0123456789:,.;-> \nabWEBVT<>&{}\\/t[]♪é", max_size=200),
        st.text(alphabet="0123456789:,.-> \nab<>", max_size=120).map(
            lambda tail: CUE + "\n" + tail
        ),
        st.text(alphabet="<>/pt begind=\"1s:0;&'", max_size=150).map(
            lambda body: TT.format("", f"<body><div>{body}</div></body>")
        ),
    )
)
@settings(
    deadline=None, max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_whatever_the_file_it_is_read_or_refused(tmp_path: Path, content: str | bytes) -> None:
    refused: InvalidInput | None = None
    script = None
    try:
        script = read(tmp_path, content)
    except InvalidInput as error:
        refused = error
    if script is None:
        assert refused is not None
        assert refused.where.startswith("film.srt")
        assert refused.remedy
    else:
        assert script.cues
        assert all(0 <= cue.start < cue.end <= 60 * SECOND and cue.text for cue in script.cues)


@given(st.lists(st.integers(0, 3), min_size=1, max_size=6), st.integers(0, 5))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_block_of_a_file_is_lost(tmp_path: Path, shapes: list[int], spoilt: int) -> None:
    """Each block is a cue, or the file is refused at the very block that is spoilt."""
    texts = ["Hola", "Uno\ndos", "1984", "- Sí\n- No"]
    blocks = [
        f"{n}\n00:00:{n:02},000 --> 00:00:{n:02},900\n{texts[shape]}\n"
        for n, shape in enumerate(shapes, 1)
    ]
    assert len(read(tmp_path, "\n".join(blocks)).cues) == len(shapes)
    at = spoilt % len(blocks)
    blocks[at] = blocks[at].replace(",900", ",9x0")
    with pytest.raises(InvalidInput) as caught:
        read(tmp_path, "\n".join(blocks))
    assert f"cue {at + 1}," in caught.value.where


def test_importing_the_package_loads_no_library_of_a_format() -> None:
    heavy = "{'pysubs2', 'webvtt', 'ttconv', 'langcodes', 'charset_normalizer'}"
    code = f"import sys, airdub.subtitles; sys.exit(bool({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
