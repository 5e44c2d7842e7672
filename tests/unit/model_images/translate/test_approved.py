"""Which lines of a release a changed source still has."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airdub.continuity.documents import ApprovedLine, ApprovedLines
from airdub.glossary import Term
from airdub.transcript import Lines
from model_images.common.espeak import count_syllables
from model_images.runner.context import StageContext
from model_images.translate.approved import approved_wordings, normal
from model_images.translate.stage import run
from tests.builders import stage_context, transcript

OLD = ("Good morning.", "Yes.", "Who are you?", "Yes.", "I can stay.")
NEW_WORDS = ("Muy buenas.", "Así es.", "¿Quién anda ahí?", "Claro.", "Puedo quedarme.")


def approved(*pairs: tuple[str, str]) -> ApprovedLines:
    return ApprovedLines(
        source_language="en",
        target_language="es",
        lines=tuple(ApprovedLine(source=one, target=two, method="script") for one, two in pairs),
    )


def kept(old: ApprovedLines, *texts: str, glossary: tuple[Term, ...] = ()) -> dict[str, str]:
    spans = [(float(at), at + 0.9, text) for at, text in enumerate(texts)]
    segments = transcript(*spans, duration_s=len(texts) + 1.0).segments
    return {at: one.text for at, one in approved_wordings(old, segments, glossary).items()}


RELEASE = approved(*zip(OLD, NEW_WORDS, strict=True))


def test_lines_keep_their_words_wherever_they_moved() -> None:
    new = ("A scene that is new.", "Good morning", "Yes.", "Who are you?", "Yes.", "I can stay…")
    assert kept(RELEASE, *new) == dict(
        zip(("s0002", "s0003", "s0004", "s0005", "s0006"), NEW_WORDS, strict=True)
    )


def test_a_changed_line_is_not_kept_and_its_neighbours_are() -> None:
    assert kept(RELEASE, *OLD[:2], "Who were you?", "Yes.", "I can't stay.") == {
        "s0001": "Muy buenas.",
        "s0002": "Así es.",
        "s0004": "Claro.",
    }


def test_which_of_two_equal_lines_it_is_is_told_by_its_neighbours() -> None:
    assert kept(RELEASE, "Yes.", "I can stay.") == {"s0001": "Claro.", "s0002": "Puedo quedarme."}
    assert kept(RELEASE, "Good morning.", "Yes.")["s0002"] == "Así es."


def test_a_line_that_breaks_the_glossary_is_translated_anew() -> None:
    glossary = (Term("morning", "mañana"), Term("stay", "quedarme"))
    assert "s0001" not in kept(RELEASE, *OLD, glossary=glossary)
    assert kept(RELEASE, *OLD, glossary=glossary)["s0005"] == "Puedo quedarme."


def test_what_had_no_words_keeps_none() -> None:
    old = approved(("", "fantasma"), ("Hello.", ""), ("Bye.", "Adiós."))
    assert kept(old, "", "Hello.", "Bye.") == {"s0003": "Adiós."}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("It’s “fine” – really…", "It's fine - really..."),
        ("- No.", "No"),
        ("a  b\u00a0c", "a b c"),
        ("'Go,' she said.", "Go, she said"),
    ],
)
def test_typography_changes_nothing(one: str, other: str) -> None:
    assert normal(one) == normal(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Yes?", "Yes."),
        ("No!", "No."),
        ("-5 degrees", "5 degrees"),
        ("we're", "were"),
        ("$5", "€5"),
        ("1.5", "15"),
        ("Mark it", "mark it"),
        ("10²", "102"),
        ("can", "can't"),
    ],
)
def test_what_may_change_the_sense_is_another_line(one: str, other: str) -> None:
    assert normal(one) != normal(other)


@given(st.lists(st.sampled_from([*OLD, "Maybe.", ""]), max_size=12))
def test_a_kept_line_always_says_the_same_source(texts: list[str]) -> None:
    said = {f"s{number:04}": text for number, text in enumerate(texts, 1)}
    words = {one: {two for o, two in zip(OLD, NEW_WORDS, strict=True) if o == one} for one in OLD}
    for at, text in kept(RELEASE, *texts).items():
        assert text in words[said[at]]


def test_the_lines_of_a_long_film_are_aligned_at_once() -> None:
    texts = [f"Line {number}." if number % 3 else "Yes." for number in range(4_000)]
    old = approved(*((text, f"[{text}]") for text in texts))
    began = time.process_time()
    found = kept(old, *texts[:1000], "Something new.", *texts[1500:])
    assert len(found) == 3_500
    assert time.process_time() - began < 5


def _translated(folder: Path, *texts: str, **inputs: Any) -> tuple[StageContext, Lines]:
    spans = [(1.0 + 2 * at, 2.5 + 2 * at, text) for at, text in enumerate(texts)]
    languages = {"source_language": "en", "target_language": "es"}
    asked = {"transcript": transcript(*spans), **inputs}
    context = stage_context(folder, "translate", "apertium", languages, asked)
    run(context)
    return context, Lines.model_validate_json(context.output("lines", ".json").read_bytes())


def test_the_stage_translates_only_what_is_new(tmp_path: Path) -> None:
    context, lines = _translated(tmp_path, "The house is big.", "Good morning.", approved=RELEASE)
    assert [line.text for line in lines.lines] == ["La casa es grande.", "Muy buenas."]
    assert [line.method for line in lines.lines] == ["apertium", "script"]
    assert lines.lines[1].syllables == 3
    assert context.measurements["lines_approved"] == 1


def test_a_repair_may_still_shorten_a_line_that_was_approved(tmp_path: Path) -> None:
    long = "Realmente, creo que muy buenos días tengan todos ustedes, señores."
    shorter = {"s0001": {"syllable_factor": 0.9}}
    asked = {"source_language": "en", "target_language": "es", "repairs": shorter}
    inputs = {
        "transcript": transcript((1, 3, "Good morning.")),
        "approved": approved(("Good morning.", long)),
    }
    context = stage_context(tmp_path, "translate", "apertium", asked, inputs)
    run(context)
    (line,) = Lines.model_validate_json(context.output("lines", ".json").read_bytes()).lines
    assert 0 < line.syllables < count_syllables(long, "es")
    assert line.method == "script, shortened"


def test_a_glossary_beside_the_video_goes_before_that_of_the_series(tmp_path: Path) -> None:
    series, film = tmp_path / "series.csv", tmp_path / "film.csv"
    series.write_text("source,target,case\nhouse,mansión,no\nAnna,Anna,yes\n")
    film.write_text("source,target\nHouse,caserón\n")
    text = "Anna has a house."
    _, both = _translated(tmp_path / "a", text, series_glossary=series, glossary=film)
    assert "caserón" in both.lines[0].text
    assert "Anna" in both.lines[0].text
    _, alone = _translated(tmp_path / "b", text, series_glossary=series)
    assert "mansión" in alone.lines[0].text
