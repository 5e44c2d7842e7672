"""Phrases for a recogniser, and sentences out of its words."""

from __future__ import annotations

from airdub.speech import SpeechSpans
from airdub.transcript import Word
from model_images.transcribe.phrases import LONGEST, MARGIN, as_sentence, phrases, utterances
from tests.builders import seconds


def speech(*spans: tuple[float, float]) -> SpeechSpans:
    return SpeechSpans(spans=tuple((seconds(a), seconds(b)) for a, b in spans), method="test")


def words(*items: tuple[str, float, float]) -> list[Word]:
    return [Word(text=text, start=seconds(a), end=seconds(b)) for text, a, b in items]


def test_near_spans_are_one_phrase_with_margins() -> None:
    (first, second) = phrases(speech((1, 2), (2.2, 3), (5, 6)), seconds(6.1))
    assert (first.start, first.end) == (seconds(1) - MARGIN, seconds(3) + MARGIN)
    assert (second.start, second.end) == (seconds(5) - MARGIN, seconds(6.1))


def test_margins_share_a_short_pause() -> None:
    first, second = phrases(speech((0, 10), (10.1, 20)), seconds(30))
    assert first.start == 0
    assert first.end == second.start == seconds(10.05)
    assert second.end == seconds(20) + MARGIN


def test_endless_speech_is_cut_in_equal_parts() -> None:
    made = phrases(speech((0, 60)), seconds(60))
    assert len(made) == 5
    assert all(one.end - one.start <= LONGEST + 2 * MARGIN for one in made)
    assert made[-1].end == seconds(60)


def test_no_speech_no_phrases() -> None:
    assert phrases(speech(), seconds(60)) == []


def test_pauses_part_utterances() -> None:
    runs = utterances(words(("a", 0, 0.3), ("b", 0.4, 0.6), ("c", 1.1, 1.3)))
    assert [[word.text for word in run] for run in runs] == [["a", "b"], ["c"]]


def test_sentences_are_written_as_people_write_them() -> None:
    assert as_sentence(words(("so", 0, 1), ("i", 1, 2), ("i'm", 2, 3))) == "So I I'm."
