from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airdub.subtitles.breaking import LINES, break_cues, break_lines, reading_rules, width


@pytest.mark.parametrize(
    ("language", "line_width", "speed", "top_speed"),
    [
        ("en", 42, 17, 20),
        ("es-419", 42, 17, 20),
        ("ko-KR", 16, 12, 12),
        ("zh-Hant", 16, 9, 9),
        ("ja", 13, 4, 4),
    ],
)
def test_rules_of_reading(language: str, line_width: int, speed: int, top_speed: int) -> None:
    rules = reading_rules(language)
    assert (rules.line_width, rules.speed, rules.top_speed) == (line_width, speed, top_speed)


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Hola, ¿qué?", "es", 11),
        ("नमस्ते", "hi", 4),  # two vowel signs stand on their letters
        ("東京 A1", "ja", 3.5),
        ("안녕 !", "ko", 3),
    ],
)
def test_width_counts_what_the_eye_does(text: str, language: str, expected: float) -> None:
    assert width(text, reading_rules(language)) == expected


@pytest.mark.parametrize(
    ("language", "text", "lines"),
    [
        ("en", "Short.", ("Short.",)),
        (
            "en",
            "The quick brown fox jumps over the lazy dog and runs away, because it is late.",
            ("The quick brown fox jumps over the lazy", "dog and runs away, because it is late."),
        ),
        (
            "en",
            "I had seen him once before. He was never alone in that house.",
            ("I had seen him once before.", "He was never alone in that house."),
        ),
        (
            "ja",
            "今日はとても天気がいいですね。",
            ("今日はとても", "天気がいいですね。"),
        ),
        (
            "zh",
            "我今天早上来到这所房子，里面没有人。",
            ("我今天早上来到这所房子，", "里面没有人。"),
        ),
        (
            "ko",
            "오늘 아침에 그 집에 갔는데 아무도 없었어요.",
            ("오늘 아침에 그 집에", "갔는데 아무도 없었어요."),
        ),
    ],
)
def test_lines_are_even_and_end_where_a_reader_pauses(
    language: str, text: str, lines: tuple[str, ...]
) -> None:
    assert break_lines(text, reading_rules(language)) == lines


def test_text_beyond_two_lines_goes_on_in_further_cues() -> None:
    text = (
        "I came to the house this morning. There was nobody there, and so I left a note "
        "on the table for you to find when you came back from work, late in the evening."
    )
    rules = reading_rules("en")
    assert break_lines(text, rules) is None
    assert break_cues(text, rules) == [
        ("I came to the house this morning.", "There was nobody there,"),
        ("and so I left a note", "on the table for you to find"),
        ("when you came back from work,", "late in the evening."),
    ]


def test_more_cues_can_be_asked_for_than_needed_but_not_more_than_words() -> None:
    assert break_cues("One. Two.", reading_rules("en"), at_least=2) == [("One.",), ("Two.",)]
    assert break_cues("One. Two.", reading_rules("en"), at_least=5) == [("One.",), ("Two.",)]


def test_a_word_wider_than_a_line_is_cut() -> None:
    ((first, second),) = break_cues("Donau" * 12, reading_rules("de"))
    assert first + second == "Donau" * 12
    assert len(first) <= 42


def test_marks_without_width_are_text_too() -> None:
    assert break_cues("\u0301 \u0301", reading_rules("en"), at_least=2) == [
        ("\u0301",),
        ("\u0301",),
    ]


@settings(deadline=None)  # the machine may be busy
@given(
    text=st.text(alphabet="ab ñ.,!-", min_size=1, max_size=400)
    | st.text(alphabet="日本語です。、ッ（）a1 ", min_size=1, max_size=120),
    language=st.sampled_from(["en", "ja", "zh", "ko", "th"]),
    at_least=st.integers(0, 5),
)
def test_every_text_fits_and_keeps_its_characters(text: str, language: str, at_least: int) -> None:
    text = " ".join(text.split()) or "a"
    rules = reading_rules(language)
    cues = break_cues(text, rules, at_least)
    lines = [line for cue in cues for line in cue]
    assert all(1 <= len(cue) <= LINES for cue in cues)
    assert all(0 < width(line, rules) <= rules.line_width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())
