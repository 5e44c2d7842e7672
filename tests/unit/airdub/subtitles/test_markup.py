from __future__ import annotations

import pytest

from airdub.subtitles.markup import plain_text, tidy, voice_runs
from airdub.subtitles.script import Run


@pytest.mark.parametrize(
    ("marked", "plain"),
    [
        ("<i>Hola</i> <b>mundo</b>", "Hola mundo"),
        ('<font color="#ff0000">rojo</font>', "rojo"),
        ("{\\an8}arriba", "arriba"),
        ("{\\i1}cursiva{\\i0} {y:i}fin", "cursiva fin"),
        ("uno\\Ndos\\htres", "uno\ndos tres"),
        ("uno<br/>dos", "uno\ndos"),
        ("<ruby>漢字<rt>かんじ</rt></ruby>です", "漢字です"),
        ("<c.yellow.bg_blue>uno</c> <00:00:01.500>dos", "uno dos"),
        ("AT&amp;T &lt;3 &#39;x&#x27; &nbsp;y", "AT&T <3 'x' y"),
        ("3 < 4 > 2 & R&D", "3 < 4 > 2 & R&D"),
        ("I <3 you", "I <3 you"),
        ("\u202bمرحبا\u202c\u200f", "مرحبا"),
        ("  a \u00a0 b \n\n c ", "a b\nc"),
        ("cafe\u0301", "café"),
        ("क्\u200dष", "क्\u200dष"),  # the joiner spells
    ],
)
def test_markup_goes_and_text_stays(marked: str, plain: str) -> None:
    assert plain_text(marked) == plain


def test_tidy_is_idempotent() -> None:
    once = tidy(" a\u200b \t b\r\n\r\n c\u2060 ")
    assert once == "a b\nc"
    assert tidy(once) == once


def test_voice_spans_become_runs() -> None:
    assert voice_runs("<v.loud Ana María>Hola <b>tú</b></v> <v Luis>Sí\nno") == (
        Run("Hola tú", "Ana María"),
        Run("Sí\nno", "Luis"),
    )
    assert voice_runs("antes <v Ana>Hola</v> después") == (
        Run("antes"),
        Run("Hola", "Ana"),
        Run("después"),
    )
    assert voice_runs("<v Ana></v> ") == ()
