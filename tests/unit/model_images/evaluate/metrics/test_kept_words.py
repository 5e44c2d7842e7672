"""Numbers, names and whether anything was translated at all."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

from airdub.metrics import NOT_APPLICABLE
from model_images.evaluate.metrics import names_kept, numbers_kept, untranslated_text
from model_images.evaluate.protocol import Absent, Measured, Value
from tests.unit.model_images.evaluate.titles import Said, Title

Pair = tuple[str, str]


def measured(
    metric: ModuleType, folder: Path, *pairs: Pair, languages: tuple[str, str] = ("es", "en")
) -> Measured:
    lines = tuple(
        Said(float(number), target, source_text=source)
        for number, (source, target) in enumerate(pairs)
    )
    found = Title(lines, duration_s=len(pairs) + 1, languages=languages).evidence(folder)
    return metric.measure(found)  # type: ignore[no-any-return]


def test_numbers_may_change_their_spelling_not_their_value(tmp_path: Path) -> None:
    found = measured(
        numbers_kept,
        tmp_path,
        ("Tiene veinticinco años.", "She is 25."),
        ("En 1969 eran 1.250 personas.", "In 1969 they were 1,250 people."),
        ("Quedan 12 horas y 30 minutos.", "There are twelve hours and thirteen minutes left."),
        ("Es una casa.", "It is a house."),
        ("Hay 2 perros.", "There are two dogs."),
    )
    assert found.lines == {
        "s0001": Value(1),
        "s0002": Value(1),
        "s0003": Value(0.5),
        "s0004": Value(NOT_APPLICABLE),
        "s0005": Value(1),
    }
    assert found.title == Value(5 / 6)


def test_number_words_of_unread_languages_are_not_guessed(tmp_path: Path) -> None:
    found = measured(
        numbers_kept,
        tmp_path,
        ("She is twenty-five.", "Té vint-i-cinc anys."),
        ("In 1969.", "El 1969."),
        languages=("en", "ca"),
    )
    assert found.lines["s0001"] == Absent("numbers in words can't be read in Catalan")
    assert found.lines["s0002"] == Value(1)
    korean = measured(
        numbers_kept, tmp_path / "ko", ("스물다섯", "Twenty-five."), languages=("ko", "en")
    )
    assert korean.title == Absent("numbers in words can't be read in Korean")


def test_a_title_without_numbers_has_nothing_to_keep(tmp_path: Path) -> None:
    found = measured(numbers_kept, tmp_path, ("Es una casa.", "It is a house."))
    assert found.title == Value(NOT_APPLICABLE)


def test_names_stay(tmp_path: Path) -> None:
    found = measured(
        names_kept,
        tmp_path,
        ("Soy María y vivo en Londres.", "I am Mary and live in London."),
        ("Vino con Juan y Lucía.", "He came with Lucia."),
        ("Es una casa.", "It is a house."),
    )
    assert found.lines == {
        "s0001": Value(1),
        "s0002": Value(0.5),
        "s0003": Value(NOT_APPLICABLE),
    }
    assert found.title == Value(0.75)


@pytest.mark.parametrize("languages", [("ko", "en"), ("de", "en"), ("en", "ru")])
def test_names_that_can_not_be_followed_are_absent(
    tmp_path: Path, languages: tuple[str, str]
) -> None:
    found = measured(names_kept, tmp_path, ("Soy María", "I am Mary"), languages=languages)
    assert isinstance(found.title, Absent)


def test_copied_words_are_told_from_translated_ones(tmp_path: Path) -> None:
    found = measured(
        untranslated_text,
        tmp_path,
        ("Los niños vienen por la tarde.", "The children come in the afternoon."),
        ("Los niños vienen por la tarde.", "Los niños vienen por la tarde."),
        ("Los niños vienen por la tarde.", "The children vienen por the afternoon."),
        ("No.", "No."),
        ("Soy María García, 25 años.", "María García, 25: that is my name."),
        ("Es una casa.", ""),
    )
    assert found.lines == {
        "s0001": Value(0),
        "s0002": Value(1),
        "s0003": Value(2 / 6),
        "s0004": Value(NOT_APPLICABLE),
        "s0005": Value(0),
        "s0006": Absent("the line has no words"),
    }
    assert found.title == Value((6 + 2) / (6 + 6 + 6 + 4))


def test_a_language_is_not_copied_from_itself(tmp_path: Path) -> None:
    found = measured(untranslated_text, tmp_path, ("A b c d", "A b c d"), languages=("en", "en-GB"))
    assert found.title == Absent("source and target are the same language")
