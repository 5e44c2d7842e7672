"""A recogniser hears what is understood, and misses what isn't."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from airdub.transcript import Action
from model_images.common import recogniser
from model_images.evaluate.evidence import Evidence
from model_images.evaluate.metrics import mix_word_error_rate, word_error_rate
from model_images.evaluate.protocol import Absent, Measured, Value
from tests.talking_clips import speech as espeak
from tests.unit.model_images.evaluate.titles import Said, Title, spoken
from tests.unit.model_images.mix.sounds import RATE_HZ, noise, speech

DAY = "It was a great day for the country."
CHILDREN = "The children come in the afternoon."
STORIES = "They came back with many stories."


def said(start_s: float, text: str, **more: object) -> Said:
    return replace(Said(start_s, text, take=spoken(text)), **more)  # type: ignore[arg-type]


def number(value: Value | Absent) -> float:
    assert isinstance(value, Value)
    return float(value.number)


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    title = Title((said(0.5, DAY), said(3.5, CHILDREN), said(6.5, STORIES)), duration_s=9)
    return title.evidence(tmp_path_factory.mktemp("clean"))


def test_clear_lines_are_heard_in_the_stem_and_in_the_deliverable(clean: Evidence) -> None:
    for metric in (word_error_rate, mix_word_error_rate):
        found = metric.measure(clean)
        assert number(found.title) <= 0.1
        assert set(found.lines) == {"s0001", "s0002", "s0003"}


def test_each_line_answers_for_itself_and_the_title_for_all_words(tmp_path: Path) -> None:
    lines = (
        said(0.5, DAY),
        said(3.5, CHILDREN, take=spoken(STORIES)),
        said(6.5, STORIES, take=np.zeros(RATE_HZ, np.float32)),
        Said(8.0, "Hello there."),
        said(8.5, "…"),
    )
    found = word_error_rate.measure(Title(lines, duration_s=9).evidence(tmp_path))
    by_line = {id_: number(value) for id_, value in found.lines.items() if id_ != "s0005"}
    assert by_line["s0001"] == 0
    assert by_line["s0002"] >= 0.8, "the words of another line"
    assert (by_line["s0003"], by_line["s0004"]) == (1, 1), "silent, and never spoken"
    assert found.lines["s0005"] == Absent("the line has no words")
    errors = sum(rate * words for rate, words in zip(by_line.values(), (8, 6, 6, 2), strict=True))
    assert number(found.title) == pytest.approx(errors / 22)


def test_noise_over_the_voice_costs_words_in_the_deliverable_alone(tmp_path: Path) -> None:
    loud = Title((said(0.5, DAY),), duration_s=4, background=noise(4 * RATE_HZ, 2, 0.1))
    evidence = loud.evidence(tmp_path)
    assert number(word_error_rate.measure(evidence).title) == 0
    assert number(mix_word_error_rate.measure(evidence).title) >= 0.3


def test_two_voices_at_once_are_not_told_apart(tmp_path: Path) -> None:
    lines = (
        said(0.5, DAY),
        said(1.0, CHILDREN, speaker="speaker_2"),
        said(4.0, STORIES),
        said(5.0, "Ha", original=speech(RATE_HZ), action=Action.KEEP),
    )
    evidence = Title(lines, duration_s=7).evidence(tmp_path)
    found = word_error_rate.measure(evidence)
    assert {id_ for id_, value in found.lines.items() if isinstance(value, Absent)} == {
        "s0001",
        "s0002",
    }
    assert number(found.lines["s0003"]) == 0, "what is kept isn't in the stem"
    mixed = mix_word_error_rate.measure(evidence)
    assert isinstance(mixed.title, Absent)
    assert "another voice" in mixed.title.reason


def test_a_line_in_the_wrong_language_is_not_understood(tmp_path: Path) -> None:
    spanish = espeak("Los niños vienen por la tarde a nuestra casa.", "es").samples
    lines = (said(0.5, DAY), said(3.5, CHILDREN, take=spanish.astype(np.float32)))
    found = word_error_rate.measure(Title(lines, duration_s=8).evidence(tmp_path))
    assert number(found.lines["s0001"]) == 0
    assert number(found.lines["s0002"]) >= 0.8


def test_other_languages_have_no_recogniser(tmp_path: Path) -> None:
    evidence = Title((said(0.5, DAY),), languages=("en", "es-419")).evidence(tmp_path)
    for metric in (word_error_rate, mix_word_error_rate):
        found = metric.measure(evidence)
        assert isinstance(found.title, Absent)
        assert "no recogniser for Spanish" in found.title.reason
        assert not found.lines


def test_what_was_heard_once_is_remembered(
    clean: Evidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = word_error_rate.measure(clean)

    def deaf(*_: object) -> Measured:
        raise RuntimeError("the model is gone")

    monkeypatch.setattr(recogniser.Recogniser, "hear", deaf)
    assert word_error_rate.measure(clean) == first


def test_a_recogniser_that_fails_is_no_silence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("the model is gone")

    monkeypatch.setattr(recogniser, "pcm_bytes", fail)
    with pytest.raises(RuntimeError, match="gone"):
        word_error_rate.measure(Title((said(0.5, DAY),)).evidence(tmp_path))
