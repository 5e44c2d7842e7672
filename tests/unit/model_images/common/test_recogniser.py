"""The embedded recogniser hears real synthetic speech."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray
from soxr import resample

from model_images.common.recogniser import RATE_HZ, Recogniser, pcm_bytes, recognises
from tests.builders import seconds
from tests.unit.model_images.evaluate.titles import spoken

SENTENCE = "It was a great day for the country."


def said(text: str) -> NDArray[np.float32]:
    return resample(spoken(text), 48_000, RATE_HZ).astype(np.float32)


@pytest.fixture(scope="module")
def recogniser() -> Recogniser:
    return Recogniser()


def test_words_have_times_within_the_utterance(recogniser: Recogniser) -> None:
    pause = np.zeros(RATE_HZ // 2, np.float32)
    words = recogniser.hear(np.concatenate([pause, said(SENTENCE), pause]))
    assert [word.text for word in words] == SENTENCE.lower().strip(".").split()
    assert words[0].start == pytest.approx(seconds(0.55), abs=seconds(0.15))
    assert all(one.end <= other.start for one, other in pairwise(words))
    assert all(0 < word.confidence <= 1 for word in words)


def test_what_was_heard_before_changes_nothing(recogniser: Recogniser) -> None:
    alone = Recogniser().hear(said(SENTENCE))
    noise = 0.3 * np.random.default_rng(0).standard_normal(4 * RATE_HZ)
    recogniser.hear(noise.astype(np.float32))
    recogniser.hear(said("The children come in the afternoon."))
    assert recogniser.hear(said(SENTENCE)) == alone


@pytest.mark.parametrize("samples", [0, RATE_HZ])
def test_silence_has_no_words(recogniser: Recogniser, samples: int) -> None:
    assert recogniser.hear(np.zeros(samples, np.float32)) == ()


def test_it_knows_english_alone() -> None:
    assert [recognises(tag) for tag in ("en", "en-GB", "es")] == [True, True, False]


def test_sound_is_brought_to_the_level_of_the_model() -> None:
    quiet = (0.01 * np.sin(np.arange(RATE_HZ) / 10)).astype(np.float32)
    level = np.frombuffer(pcm_bytes(quiet), "<i2").astype(float).std() / 32_768
    assert level == pytest.approx(0.1, rel=0.01)
    assert pcm_bytes(np.zeros(4, np.float32)) == bytes(8)
