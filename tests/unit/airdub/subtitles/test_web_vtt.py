from __future__ import annotations

import pytest

from airdub.errors import InvalidInput
from airdub.subtitles.script import Run
from airdub.subtitles.web_vtt import read_vtt

MS = 48
HEAD = "WEBVTT - título\nKind: captions\n\n"


def test_cues_voices_settings_and_blocks_without_cues() -> None:
    text = (
        HEAD
        + "NOTE nothing\nto see\n\nSTYLE\n::cue { color: red }\n\nREGION\nid:fred\n\n"
        + "intro\n00:01.000 --> 00:02.000 align:start position:0%\n"
        + "<v.loud Ana>Hola <b>mundo</b> &amp; &lt;x&gt;</v> <v Luis>Sí\n\n"
        + "00:00:03.000 --> 01:00:04.500\n<00:00:03.200><c.yellow>uno</c> dos\n"
    )
    found, _ = read_vtt(text, name="s.vtt", frames=None)
    assert [(cue.place, cue.start // MS, cue.end // MS, cue.runs) for cue in found] == [
        ("line 14, cue 1", 1000, 2000, (Run("Hola mundo & <x>", "Ana"), Run("Sí", "Luis"))),
        ("line 17, cue 2", 3000, 3_604_500, (Run("uno dos"),)),
    ]


@pytest.mark.parametrize(
    ("body", "where", "reason"),
    [
        ("00:01.000 --> 00:02.000\nuno\n\ndos\n", "line 7", "belongs to no cue"),
        (
            "00:01.000 --> 00:02.000\nuno\n00:03.000 --> 00:04.000\ndos",
            "line 6",
            "'-->' in the mid",
        ),
        ("00:01.000 --> 00:02.000\ngo --> there", "line 5", "'-->' in the middle"),
        ("00:01.000 --> 00:0x.000\nuno", "line 4, cue 1, end", "no time"),
        ("-00:01.000 --> 00:02.000\nuno", "line 4, cue 1, start", "negative"),
        ("00:01.000 -> 00:02.000\nuno", "line 4, cue 1", "no timing line"),
        ("id\nid\n00:01.000 --> 00:02.000\nuno", "line 6", "'-->' in the middle"),
    ],
)
def test_a_malformed_block_is_refused_never_dropped(body: str, where: str, reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason) as caught:
        read_vtt(HEAD + body, name="s.vtt", frames=None)
    assert caught.value.where == f"s.vtt, {where}"


def test_lines_of_blanks_part_blocks() -> None:
    text = HEAD + "00:01.000 --> 00:02.000\nuno\n \t\n00:03.000 --> 00:04.000\ndos\n"
    found, _ = read_vtt(text, name="s.vtt", frames=None)
    assert [cue.text for cue in found] == ["uno", "dos"]
