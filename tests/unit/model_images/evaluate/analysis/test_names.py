"""Names are told by capitals, and found again although they are spelled otherwise."""

from __future__ import annotations

import pytest

from model_images.evaluate.analysis.names import holds, names, why_no_names


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        (
            "Soy María, y trabajo en Londres con el Sr. García.",
            "es",
            ["María", "Londres", "García"],
        ),
        ("On Monday I'm going to York with Mr. Smith in May.", "en", ["York", "Smith"]),
        ("Bring John's coat to O'Brien.", "en", ["John", "Brien"]),
        ("- Ana! dijo Juan. ¿Quién? —Preguntó Luis.", "es", ["Juan", "Luis"]),
        ("MARIA IS HERE", "en", []),
        ("Paris.", "en", []),
        ("nobody at all", "en", []),
        ("안녕하세요", "ko", []),
    ],
)
def test_capitals_within_a_sentence_are_names(
    text: str, language: str, expected: list[str]
) -> None:
    assert names(text, language) == expected


@pytest.mark.parametrize(
    ("name", "text", "held"),
    [
        ("María", "I am Maria.", True),
        ("María", "I am Mary.", True),
        ("Londres", "We live in London", True),
        ("García", "mr garcia is here", True),
        ("María", "I am Miguel.", False),
        ("Juan", "", False),
        ("Ana", "una casa", False),
    ],
)
def test_a_name_is_held_by_a_word_that_is_alike(name: str, text: str, held: bool) -> None:
    assert holds(text, name) is held


@pytest.mark.parametrize(
    ("source", "target", "why"),
    [
        ("es", "en", ""),
        ("ko", "en", "Korean has no capital"),
        ("de-AT", "en", "German writes every noun"),
        ("en", "ru", "Russian spells names in another script"),
    ],
)
def test_languages_between_which_names_can_be_followed(source: str, target: str, why: str) -> None:
    assert why_no_names(source, target).startswith(why)
    assert bool(why_no_names(source, target)) == bool(why)
