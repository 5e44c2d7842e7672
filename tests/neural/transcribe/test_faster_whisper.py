"""faster-whisper on tiny checkpoints that were converted as the public ones, and beside Whisper."""

from __future__ import annotations

import shutil
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
import whisper as official
from faster_whisper import WhisperModel
from whisper.model import Whisper

from airdub.engines import find_engine
from airdub.errors import DependencyUnavailable, InvalidInput
from model_images.common.pcm import read_span
from model_images.transcribe.engines import faster_whisper, whisper
from tests.builders import seconds
from tests.neural.transcribe.conftest import SENTENCE, Transcribing
from tests.neural.whisper_checkpoints import model_that_says, said
from tests.neural.whisper_conversion import convert


@pytest.fixture(scope="session")
def converted(tmp_path_factory: pytest.TempPathFactory, sentence_model: Whisper) -> Path:
    """The model that says the sentence, as CTranslate2 wants it."""
    return convert(sentence_model, tmp_path_factory.mktemp("converted") / "model")


@pytest.fixture
def folder(model_cache: Path, converted: Path) -> Path:
    """Where the engine looks for its weights; they are there."""
    faster_whisper._listener.cache_clear()
    found = model_cache / faster_whisper.FOLDER
    shutil.copytree(converted, found)
    return found


@pytest.fixture
def transcribe(folder: Path, tmp_path: Path) -> Transcribing:
    """The stage with the engine."""
    return Transcribing(tmp_path, "faster_whisper")


def test_the_sentence_is_written_down_where_it_is_spoken(
    transcribe: Transcribing, spoken: Path
) -> None:
    found = transcribe(spoken)
    assert " ".join(segment.text for segment in found.segments) == SENTENCE
    words = [word for segment in found.segments for word in segment.words]
    assert [word.text for word in words] == SENTENCE.split()
    assert seconds(0.7) <= words[0].start
    assert words[-1].end <= seconds(3.6), "in the phrase that the detector found"
    assert all(one.end <= other.start for one, other in pairwise(words))
    assert all(word.end > word.start for word in words)
    assert transcribe.stage is not None
    assert transcribe.stage.warnings == []
    assert transcribe(spoken).to_json() == found.to_json()


def test_it_computes_what_whisper_computes(
    converted: Path, spoken: Path, sentence_model: Whisper
) -> None:
    exact = WhisperModel(str(converted), device="cpu", compute_type="float32")
    sound = read_span(spoken, 12_000, 60_000)[:, 0]
    mel = official.log_mel_spectrogram(official.pad_or_trim(sound))
    ours = exact.feature_extractor(sound)[:, : len(sound) // 160]
    theirs = official.log_mel_spectrogram(sound).numpy()[:, : len(sound) // 160]
    assert np.abs(ours - theirs)[:, :-2].max() < 1e-3, "but at the end, which is padded otherwise"
    with torch.no_grad():
        expected = sentence_model.half().float().encoder(mel[None]).numpy()
    assert np.asarray(exact.encode(mel.numpy())) == pytest.approx(expected, abs=1e-3)
    one = faster_whisper.CtranslateListener(exact).hear([sound], "en")[0]
    other = whisper.OpenaiListener(sentence_model).hear([sound], "en")[0]
    texts = [
        "".join(word.text for heard in found for word in heard.words) for found in (one, other)
    ]
    assert texts == [f" {SENTENCE}"] * 2


def test_what_is_heard_does_not_depend_on_what_else_is_in_the_batch(
    converted: Path, spoken: Path
) -> None:
    listener = faster_whisper.CtranslateListener(faster_whisper.load(converted))
    sounds = [read_span(spoken, first, 60_000)[:, 0] for first in (12_000, 20_000, 16_123)]
    together = listener.hear(sounds, "en")
    assert together == [listener.hear([sound], "en")[0] for sound in sounds]
    assert together[0] != together[1]


def test_a_loop_is_decoded_again_without_repetitions(tmp_path: Path, spoken: Path) -> None:
    loop = convert(model_that_says(said(" no" * 27, 2.0)), tmp_path / "loop")
    listener = faster_whisper.CtranslateListener(faster_whisper.load(loop))
    (heard,) = listener.hear([read_span(spoken, 12_000, 60_000)[:, 0]], "en")[0]
    assert [word.text for word in heard.words[:3]] == [" no"] * 3
    assert " no" * 4 not in "".join(word.text for word in heard.words)


def test_another_language_than_was_said_is_told(transcribe: Transcribing, spoken: Path) -> None:
    transcribe(spoken, "es")
    assert transcribe.stage is not None
    assert "sounds like 'en' (probability 1.00)" in transcribe.stage.warnings[0]
    with pytest.raises(InvalidInput, match="knows no Quechua"):
        transcribe(spoken, "qu")


def test_missing_weights_name_the_command_that_brings_them(
    transcribe: Transcribing, spoken: Path, folder: Path
) -> None:
    (folder / "tokenizer.json").unlink()
    with pytest.raises(DependencyUnavailable, match="fetch --engine transcribe/faster_whisper"):
        transcribe(spoken)


@pytest.mark.parametrize("name", ["model.bin", "tokenizer.json", "vocabulary.json", "config.json"])
def test_torn_files_are_told(folder: Path, name: str) -> None:
    whole = (folder / name).read_bytes()
    (folder / name).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InvalidInput, match=r"no Whisper as CTranslate2.*airdub weights verify"):
        faster_whisper.load(folder)


def test_the_registry_names_the_files_that_it_reads() -> None:
    stated = set(find_engine("transcribe", "faster_whisper").weights)
    assert stated == {f"{faster_whisper.FOLDER}/{name}" for name in faster_whisper.FILES}
