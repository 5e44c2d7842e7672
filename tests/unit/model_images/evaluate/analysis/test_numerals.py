"""Numbers are found by value, in digits and in words."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_images.evaluate.analysis.numerals import numbers, reads_words


def found(text: str, language: str, *, small: bool = False) -> list[str]:
    return sorted(str(number) for number in numbers(text, language, small=small).elements())


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("I have 25 dogs and thirty-two cats", "en", ["25", "32"]),
        ("Tengo veinticinco perros", "es", ["25"]),
        ("1,250 or 1.250, 3.5 or 3,5", "en", ["1250", "1250", "3.5", "3.5"]),
        ("1.234.567 km", "es", ["1234567"]),
        ("five million", "en", ["5000000"]),
        ("5 millones", "es", ["5000000"]),
        ("3,5 millones", "es", ["3500000.0"]),
        ("born in nineteen sixty-nine", "en", ["1969"]),
        ("born in 1969", "en", ["1969"]),
        ("at 10:30 and at ten thirty", "en", ["1030", "1030"]),
        ("the 3rd of May", "en", ["3"]),
        ("one day, no one, a second", "en", []),
        ("in 1 day", "en", ["1"]),
        ("스물다섯 살, 25 살", "ko", ["25"]),
        ("no numbers at all", "en", []),
    ],
)
def test_numbers_of_a_text(text: str, language: str, expected: list[str]) -> None:
    assert found(text, language) == expected


def test_small_words_count_where_they_are_looked_for() -> None:
    assert found("two dogs and one cat", "en", small=True) == ["1", "2"]


@given(st.integers(3, 10**12))
def test_any_whole_number_reads_as_itself_with_and_without_marks(number: int) -> None:
    for written in (f"{number}", f"{number:,}", f"{number:,}".replace(",", ".")):
        assert numbers(f"x {written} y", "ko", small=False) == {Decimal(number): 1}


@given(st.text(max_size=80), st.sampled_from(["en", "es", "de", "ko"]))
def test_any_text_can_be_read(text: str, language: str) -> None:
    assert all(count > 0 for count in numbers(text, language, small=True).values())


def test_languages_whose_number_words_are_known() -> None:
    assert [reads_words(tag) for tag in ("en-GB", "es-419", "ca", "ko")] == [
        True,
        True,
        False,
        False,
    ]
