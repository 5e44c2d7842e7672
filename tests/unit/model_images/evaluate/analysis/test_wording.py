"""What is said the same way is the same, however it is written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_images.evaluate.analysis.wording import fold, tokens


@pytest.mark.parametrize(
    ("written", "heard"),
    [
        ("Good morning, and WELCOME!", "good morning and welcome"),
        ("It’s late; I can't stay.", "it is late i can not stay"),
        ("The café on 5th Avenue", "the cafe on fifth avenue"),
        ("In 1969 he had $25.", "in nineteen sixty nine he had twenty five dollars"),
        ("1,250 people, 3.5%", "one thousand two hundred fifty people three point five percent"),
        ("At 10:30 sharp", "at ten thirty sharp"),
        ("twenty-five well-known songs", "twenty five well known songs"),
        ("Salt & pepper", "salt and pepper"),
    ],
)
def test_english_as_it_is_written_and_as_it_is_heard(written: str, heard: str) -> None:
    assert tokens(written, "en-GB") == tokens(heard, "en")


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Tengo veinticinco años.", "es", ["tengo", "25", "años"]),
        ("L'Homme, quatre-vingts ans", "fr", ["l", "homme", "80", "ans"]),
        ("我有25本书。", "zh-Hant", list("我有25本书")),
        ("今日は", "ja", list("今日は")),
        ("안녕하세요, 여러분!", "ko", ["안녕하세요", "여러분"]),
        ("… — !", "en", []),
    ],
)
def test_other_languages(text: str, language: str, expected: list[str]) -> None:
    assert tokens(text, language) == expected


@given(st.text(max_size=80), st.sampled_from(["en", "es", "de", "zh", "ko", "ar"]))
def test_any_text_has_plain_words(text: str, language: str) -> None:
    for word in tokens(text, language):
        assert word
        assert not any(char.isspace() or char in ".,!?'\"" for char in word)


def test_accents_and_case_fold() -> None:
    assert fold("MARÍA Ñandú") == "maria nandu"
