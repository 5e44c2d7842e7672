"""BLEU and chrF exist only against somebody else's translation."""

from __future__ import annotations

from pathlib import Path

import pytest
from sacrebleu.metrics import BLEU, CHRF

from airdub.transcript import Line, Lines
from model_images.evaluate.evidence import Evidence
from model_images.evaluate.metrics import bleu, chrf
from model_images.evaluate.protocol import Absent, Value
from tests.unit.model_images.evaluate.titles import Said, Title
from tests.unit.model_images.mix.sounds import speech

TEXTS = (
    "The children come home in the afternoon.",
    "They have brought many stories with them.",
    "Nobody knows what is going to happen.",
)
REFERENCE = (
    "In the afternoon the children come home.",
    "They have come back with many stories.",
)
SAID = tuple(Said(1 + 2 * number, text, take=speech(48_000)) for number, text in enumerate(TEXTS))


def srt(path: Path, texts: tuple[str, ...]) -> Path:
    cues = [
        f"{number}\n00:00:0{2 * number - 1},000 --> 00:00:0{2 * number},000\n{text}\n"
        for number, text in enumerate(texts, 1)
    ]
    path.write_text("\n".join(cues))
    return path


def evidence(folder: Path, reference: tuple[str, ...] | str, method: str = "apertium") -> Evidence:
    folder.mkdir(exist_ok=True)
    path = folder / "reference.srt"
    if isinstance(reference, str):
        path.write_text(reference)
    else:
        srt(path, reference)
    lines = Lines(
        source_language="es",
        target_language="en",
        lines=tuple(
            Line(segment_id=f"s{number:04d}", text=text, method=method)
            for number, text in enumerate(TEXTS, 1)
        ),
    )
    title = Title(SAID, duration_s=8, changes={"reference": path, "lines": lines})
    return title.evidence(folder / "title")


def test_lines_are_scored_against_those_that_the_reference_has(tmp_path: Path) -> None:
    found = evidence(tmp_path, REFERENCE)
    score = bleu.measure(found).title
    assert isinstance(score, Value)
    assert score.number == BLEU().corpus_score(list(TEXTS[:2]), [list(REFERENCE)]).score
    assert 10 < score.number < 60
    assert (score.n_scored, score.coverage) == (2, pytest.approx(2 / 3))
    by_line = chrf.measure(found)
    assert isinstance(by_line.title, Value)
    assert by_line.title.number == CHRF().corpus_score(list(TEXTS[:2]), [list(REFERENCE)]).score
    assert isinstance(by_line.lines["s0001"], Value)
    assert by_line.lines["s0003"] == Absent("the reference has no line at this time")


def test_a_better_line_scores_higher(tmp_path: Path) -> None:
    found = chrf.measure(evidence(tmp_path, (TEXTS[0], "Something else entirely, my friend.")))
    one, other = (found.lines[id_] for id_ in ("s0001", "s0002"))
    assert isinstance(one, Value)
    assert isinstance(other, Value)
    assert one.number == 100
    assert float(other.number) < 30


@pytest.mark.parametrize(
    ("reference", "why"),
    [
        ("this is no script", "can't be read"),
        ("1\n00:00:07,900 --> 00:00:07,950\nThe end.\n", "no line where this title speaks"),
    ],
)
def test_a_reference_that_is_of_no_use_says_why(tmp_path: Path, reference: str, why: str) -> None:
    found = evidence(tmp_path, reference)
    for metric in (bleu, chrf):
        title = metric.measure(found).title
        assert isinstance(title, Absent)
        assert why in title.reason


def test_a_script_is_no_reference_for_itself(tmp_path: Path) -> None:
    title = bleu.measure(evidence(tmp_path / "own", TEXTS, method="script")).title
    assert isinstance(title, Absent)
    assert "isn't independent" in title.reason
    other = bleu.measure(evidence(tmp_path / "other", REFERENCE, method="script")).title
    assert isinstance(other, Value), "a script can be measured against another translation"
    engine = bleu.measure(evidence(tmp_path / "engine", TEXTS)).title
    assert isinstance(engine, Value)
    assert engine.number == pytest.approx(100), "an engine may be that good"


def test_without_a_reference_there_is_neither(tmp_path: Path) -> None:
    found = Title(SAID, duration_s=8).evidence(tmp_path)
    for metric in (bleu, chrf):
        title = metric.measure(found).title
        assert isinstance(title, Absent)
        assert "NAME.en.reference.srt" in title.reason


@pytest.mark.parametrize(
    ("language", "tokenizer"), [("es-419", "13a"), ("zh-Hant", "zh"), ("ja", "char")]
)
def test_the_tokenizer_suits_the_language_and_is_named(language: str, tokenizer: str) -> None:
    assert bleu.tokenizer(language) == tokenizer
    assert f"tok:{tokenizer}" in bleu.METHOD


def test_methods_are_sacrebleus_signatures() -> None:
    for metric, score in ((BLEU(), bleu), (CHRF(), chrf)):
        metric.corpus_score(["a"], [["a"]])
        assert str(metric.get_signature()) in score.METHOD
