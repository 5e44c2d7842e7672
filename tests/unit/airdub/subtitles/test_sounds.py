from __future__ import annotations

import pytest

from airdub.subtitles.sounds import described_kind
from airdub.transcript import Kind


@pytest.mark.parametrize(
    ("description", "kind"),
    [
        ("door slams", Kind.EFFORT),
        ("LAUGHS", Kind.EFFORT),
        ("suspira", Kind.EFFORT),
        ("웃음", Kind.EFFORT),
        ("笑い", Kind.EFFORT),
        ("soft music playing", Kind.SONG),
        ("canta una canción", Kind.SONG),
        ("♪♪", Kind.SONG),
        ("음악", Kind.SONG),
        ("موسيقى", Kind.SONG),
        ("Applause and cheers", Kind.CROWD),
        ("aplausos", Kind.CROWD),
        ("拍手", Kind.CROWD),
        ("तालियाँ", Kind.CROWD),
        ("speaking French", Kind.FOREIGN),
        ("en inglés", Kind.FOREIGN),
        ("Madrid, 1990", Kind.ON_SCREEN_TEXT),
        ("Sign: No entry", Kind.ON_SCREEN_TEXT),
        ("Three years later", Kind.ON_SCREEN_TEXT),
        ("Dos días después", Kind.ON_SCREEN_TEXT),
    ],
)
def test_descriptions(description: str, kind: Kind) -> None:
    assert described_kind(description) is kind
