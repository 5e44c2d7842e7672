from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airdub.subtitles.cues import utterances
from airdub.subtitles.markup import plain_text
from airdub.subtitles.script import Run
from airdub.transcript import Action, Kind


def said(text: str, language: str = "es") -> list[tuple[str, str]]:
    """(speaker, text) of what is dubbed."""
    found = utterances([Run(text)], language)
    return [(part.speaker, part.text) for part in found if part.action is Action.DUB]


@pytest.mark.parametrize(
    ("text", "turns"),
    [
        ("- Hola.\n- Adiós.", ["Hola.", "Adiós."]),
        ("-Hola\n-Adiós", ["Hola", "Adiós"]),
        ("– Hola.\n– Adiós.", ["Hola.", "Adiós."]),
        ("— Hola.\nSigo aquí.\n— Adiós.", ["Hola. Sigo aquí.", "Adiós."]),
        ("Hola.\n- Adiós.", ["Hola.", "Adiós."]),
        ("- Hola. - Adiós.", ["Hola.", "Adiós."]),
        ("- Hola / - Adiós", ["Hola", "Adiós"]),
        ("- Uno\n- Dos\n- Tres", ["Uno", "Dos", "Tres"]),
        ("- Hola", ["Hola"]),
        ("--Y entonces", ["Y entonces"]),
        ("Pero yo--", ["Pero yo--"]),
        ("well\n- known", ["well known"]),
        ("-5 grados", ["-5 grados"]),
        ("- Espera - no", ["Espera - no"]),
        ("Hola\nmundo", ["Hola mundo"]),
        ("¡...!", []),
    ],
)
def test_dashes_part_turns(text: str, turns: list[str]) -> None:
    assert [spoken for _, spoken in said(text)] == turns


def test_labels_part_turns_and_name_them() -> None:
    assert said("ANA: Hola.\nLUIS: Adiós.") == [("ANA", "Hola."), ("LUIS", "Adiós.")]
    assert said("ANA:\nHola.\nLUIS:\nAdiós.") == [("ANA", "Hola."), ("LUIS", "Adiós.")]
    assert said("- ANA: Hola.\n- Adiós.") == [("ANA", "Hola."), ("", "Adiós.")]


def test_voices_of_the_format_are_speakers_and_labels_overrule_them() -> None:
    runs = [Run("Hola", "Ana"), Run("LUIS: Adiós", "x")]
    assert [part.speaker for part in utterances(runs, "es")] == ["Ana", "LUIS"]


@pytest.mark.parametrize(
    ("text", "language", "kind", "action", "kept"),
    [
        ("[door slams]", "en", Kind.EFFORT, Action.KEEP, ""),
        ("(se ríe)", "es", Kind.EFFORT, Action.KEEP, ""),
        ("（笑い）", "ja", Kind.EFFORT, Action.KEEP, ""),
        ("[applause]", "en", Kind.CROWD, Action.KEEP, ""),
        ("[music playing]", "en", Kind.SONG, Action.KEEP, ""),
        ("[in French]", "en", Kind.FOREIGN, Action.KEEP, ""),
        ("[Madrid, 1990]", "es", Kind.ON_SCREEN_TEXT, Action.KEEP, "Madrid, 1990"),
        ("[outer (inner) rest]", "en", Kind.EFFORT, Action.KEEP, ""),
        ("[goes on in the next cue", "en", Kind.EFFORT, Action.KEEP, ""),
        ("♪ one\ntwo ♪", "en", Kind.SONG, Action.SUBTITLE, "one two"),
        ("♪ one two", "en", Kind.SONG, Action.SUBTITLE, "one two"),
        ("one two ♪", "en", Kind.SONG, Action.SUBTITLE, "one two"),
        ("♪ la\n♪ lo", "en", Kind.SONG, Action.SUBTITLE, "la lo"),
        ("♫ la ♫ ♫ more ♫", "en", Kind.SONG, Action.SUBTITLE, "la more"),
        ("# La la la #", "en", Kind.SONG, Action.SUBTITLE, "La la la"),
        ("# La la la", "en", Kind.SONG, Action.SUBTITLE, "La la la"),
        ("♪♪", "en", Kind.SONG, Action.KEEP, ""),
        ("♪ [guitar] ♪", "en", Kind.SONG, Action.KEEP, ""),
        ("♬～", "ja", Kind.SONG, Action.KEEP, ""),
    ],
)
def test_sounds_and_songs_are_never_spoken(
    text: str, language: str, kind: Kind, action: Action, kept: str
) -> None:
    found = utterances([Run(text)], language)
    assert [(part.kind, part.action, part.text) for part in found] == [(kind, action, kept)]


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("[sighs] Hello (laughs), bye", "Hello, bye"),
        ("[sighs\nHello", "Hello"),
        ("(in Spanish) Hello", "Hello"),
        ("Hello ♪ la la ♪", "Hello"),
        ("♪ ♪ Hello", "Hello"),
        ("Hello.\n♪ la la", "Hello."),
        ("la la ♪\nHello.", "Hello."),
        ("【字幕】你好", "你好"),
        ("#1 fan", "#1 fan"),
        ("#hashtag", "#hashtag"),
        ("What? :)", "What? :)"),
        ("1) First", "1) First"),
        ("Ça va ?", "Ça va ?"),
    ],
)
def test_speech_beside_them_is(text: str, spoken: str) -> None:
    assert [line for _, line in said(text, "en")] == [spoken]


def test_a_song_and_an_answer_are_two_turns() -> None:
    found = utterances([Run("- ♪ la la ♪\n- Stop!")], "en")
    assert [(part.kind, part.text) for part in found] == [
        (Kind.SONG, "la la"),
        (Kind.DIALOGUE, "Stop!"),
    ]


def test_lines_are_joined_as_the_language_writes() -> None:
    assert said("你好\n世界", "zh-Hant") == [("", "你好世界")]
    assert said("안녕\n세상", "ko") == [("", "안녕 세상")]


def test_a_narrator_s_line_is_narration() -> None:
    assert utterances([Run("NARRATOR: Once")], "en")[0].kind is Kind.NARRATION


@settings(deadline=None)  # the machine may be busy
@given(st.text(alphabet="ab :.-–[]()♪#\n:/{}<>1A¿", max_size=60))
def test_what_is_dubbed_holds_no_bracketed_text_and_no_note(text: str) -> None:
    for part in utterances([Run(plain_text(text))], "es"):
        assert part.weight > 0
        if part.action is Action.DUB:
            assert "♪" not in part.text
            assert not ("[" in part.text and "]" in part.text[part.text.index("[") :])
            assert any(char.isalnum() for char in part.text)
            assert part.text == " ".join(part.text.split())
