from __future__ import annotations

import pytest

from airdub.subtitles.labels import begins_with_label, kind_of_speech, split_label
from airdub.transcript import Kind


@pytest.mark.parametrize(
    ("text", "name", "speech"),
    [
        ("ANA: Hola", "ANA", "Hola"),
        ("Ana: Hola", "Ana", "Hola"),
        ("ANA:Hola", "ANA", "Hola"),
        ("ANA:\nHola", "ANA", "Hola"),
        ("ANA (off): hola", "ANA", "hola"),
        ("ANA [susurrando]: hola", "ANA", "hola"),
        ("[ANA]: Hola", "ANA", "Hola"),
        ("(Ana): Hola", "Ana", "Hola"),
        ("MAN 1: Stop", "MAN 1", "Stop"),
        ("MAN #2: Stop", "MAN #2", "Stop"),
        ("DR. O'BRIEN: stop", "DR. O'BRIEN", "stop"),
        ("Dr. Ruiz: Pase", "Dr. Ruiz", "Pase"),
        ("Señora García: ¡Fuera!", "Señora García", "¡Fuera!"),
        ("Luis de la Torre: Vale", "Luis de la Torre", "Vale"),
        ("Ana y Luis: Hola", "Ana y Luis", "Hola"),
        ("Иван: Привет", "Иван", "Привет"),
        ("민수: 안녕하세요", "민수", "안녕하세요"),
        ("田中：こんにちは", "田中", "こんにちは"),
        ("小明：你好", "小明", "你好"),
        ("أحمد: مرحبا", "أحمد", "مرحبا"),
        ("राम: नमस्ते", "राम", "नमस्ते"),
    ],
)
def test_labels_are_parted_from_speech(text: str, name: str, speech: str) -> None:
    assert split_label(text) == (name, speech)


@pytest.mark.parametrize(
    "text",
    [
        "Note: this is it",
        "Note: This is it",
        "NOTE: THIS IS IT",
        "Nota: Eso es",
        "Dear John: I left",
        "10:30 is late",
        "At 10:30: go",
        "It is 10:30",
        "https://example.org",
        "HTTP://EXAMPLE.ORG",
        "ratio 3:1",
        "man: stop",
        "Here's the thing: we lost",
        "He said: Stop",
        "Wait, Ana: Stop",
        "I saw it. Ana: Stop",
        "One two three four five: Six",
        "他说：你好",
        "我的意思是：走",
        "例如：这个",
        "ANA:",
        "",
    ],
)
def test_other_colons_are_speech(text: str) -> None:
    assert split_label(text) == ("", text)


def test_a_label_may_stand_on_a_line_of_its_own() -> None:
    assert begins_with_label("LUIS:")
    assert not begins_with_label("and then:")


def test_a_narrator_narrates() -> None:
    assert kind_of_speech("NARRADOR") is Kind.NARRATION
    assert kind_of_speech("Ana") is Kind.DIALOGUE
