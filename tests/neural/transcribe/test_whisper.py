"""Whisper on tiny checkpoints of OpenAI's format: through the stage, and beside their code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
import whisper as official
from whisper.model import ModelDimensions, Whisper

from airdub.errors import DependencyUnavailable, InvalidInput
from model_images.common.pcm import read_span, write_wav
from model_images.transcribe.engines import whisper
from tests.builders import seconds
from tests.neural.official import official_tensors, tensors_of
from tests.neural.transcribe.conftest import SENTENCE, Transcribing
from tests.neural.whisper_checkpoints import DIMS, model_that_says, said, save

Use = Callable[[Whisper], Transcribing]


@pytest.fixture
def checkpoint(model_cache: Path) -> Path:
    """Where the engine looks for its weights."""
    whisper._listener.cache_clear()
    return model_cache / "whisper" / "large-v3.pt"


@pytest.fixture
def use(checkpoint: Path, tmp_path: Path) -> Use:
    """Puts a model in the place of the public one."""

    def put(model: Whisper) -> Transcribing:
        save(model, checkpoint)
        whisper._listener.cache_clear()
        return Transcribing(tmp_path, "whisper")

    return put


def test_the_sentence_is_written_down_where_it_is_spoken(
    use: Use, spoken: Path, sentence_model: Whisper
) -> None:
    transcribe = use(sentence_model)
    found = transcribe(spoken)
    assert " ".join(segment.text for segment in found.segments) == SENTENCE
    words = [word for segment in found.segments for word in segment.words]
    assert [word.text for word in words] == SENTENCE.split()
    assert seconds(0.7) <= words[0].start
    assert words[-1].end <= seconds(3.6), "in the phrase that the detector found"
    assert all(one.end <= other.start for one, other in pairwise(words))
    assert all(word.end > word.start for word in words)
    assert all(0.9 < (word.confidence or 0) <= 1 for word in words)
    assert (found.language, found.method) == ("en", "whisper")
    assert transcribe.stage is not None
    assert transcribe.stage.warnings == []


@pytest.fixture
def two_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    """The surest words, then freely drawn ones; what lies between takes time alone."""
    monkeypatch.setattr(whisper, "TEMPERATURES", (0.0, 1.0))


@pytest.mark.usefixtures("two_tries")
def test_what_it_draws_is_the_same_each_time(use: Use, spoken: Path) -> None:
    transcribe = use(model_that_says(said(" Hm, well.", 1.0), sure=2.0))
    one = transcribe(spoken)
    whisper._listener.cache_clear()
    assert transcribe(spoken).to_json() == one.to_json()
    assert transcribe.stage is not None
    assert "unsure of" in transcribe.stage.warnings[0]


def test_it_computes_what_the_official_code_computes(
    checkpoint: Path, spoken: Path, sentence_model: Whisper
) -> None:
    save(sentence_model, checkpoint)
    ours, theirs = whisper.load(checkpoint), official.load_model(str(checkpoint), "cpu")
    sound = read_span(spoken, 12_000, 60_000)[:, 0]
    mel = official.log_mel_spectrogram(official.pad_or_trim(sound))[None]
    tokens = torch.tensor([[50_258, 50_259, 50_359, 50_364]])
    with torch.no_grad():
        assert torch.equal(ours(mel, tokens), theirs(mel, tokens))
    assert torch.equal(ours.alignment_heads.to_dense(), theirs.alignment_heads.to_dense())
    options = {"language": "en", "beam_size": 5, "word_timestamps": True, "fp16": False}
    assert ours.transcribe(sound, **options) == theirs.transcribe(sound, **options)


def test_half_precision_computes_what_the_official_code_does(
    checkpoint: Path, spoken: Path, sentence_model: Whisper, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(sentence_model, checkpoint)
    monkeypatch.setattr(whisper, "precision", lambda: torch.float16)
    ours, theirs = whisper.load(checkpoint), official.load_model(str(checkpoint), "cpu")
    sound = official.pad_or_trim(read_span(spoken, 12_000, 60_000)[:, 0])
    mel = official.log_mel_spectrogram(sound)[None].half()
    tokens = torch.tensor([[50_258, 50_259, 50_359, 50_364]])
    with torch.no_grad():
        assert torch.equal(ours(mel, tokens), theirs(mel, tokens))
    assert ours.encoder.blocks[0].attn.query.weight.dtype == torch.float16, "cast once, not always"


@pytest.mark.usefixtures("two_tries")
def test_a_loop_is_left_out(use: Use, spoken: Path) -> None:
    transcribe = use(model_that_says(said(" no" * 27, 2.0)))
    with pytest.raises(InvalidInput, match="no speech to dub"):
        transcribe(spoken)
    assert transcribe.stage is not None
    assert "only repeated itself from 0.9 s" in transcribe.stage.warnings[0]


@pytest.mark.parametrize("kind", ["silence", "music"])
def test_where_nobody_speaks_nothing_is_written(
    use: Use, tmp_path: Path, kind: str, sentence_model: Whisper
) -> None:
    at = np.arange(80_000) / 16_000
    chord = sum(np.sin(2 * np.pi * hz * at) for hz in (220.0, 277.2, 329.6)) / 4
    sound = np.zeros(80_000) if kind == "silence" else chord
    write_wav(tmp_path / "sound.wav", sound.astype(np.float32), 16_000, "PCM_16")
    with pytest.raises(InvalidInput, match=r"no speech to dub.*script beside"):
        use(sentence_model)(tmp_path / "sound.wav")


@pytest.mark.parametrize("kind", ["clipped", "telephone"])
def test_bad_sound_is_still_heard(
    use: Use, spoken: Path, tmp_path: Path, kind: str, sentence_model: Whisper
) -> None:
    sound = read_span(spoken, 0, 80_000)[:, 0]
    bad = np.clip(30 * sound, -1, 1) if kind == "clipped" else np.repeat(sound[::2], 2)
    write_wav(tmp_path / "bad.wav", bad.astype(np.float32), 16_000, "PCM_16")
    found = use(sentence_model)(tmp_path / "bad.wav")
    assert SENTENCE in " ".join(segment.text for segment in found.segments)
    assert found.segments[-1].end <= seconds(5)


def test_another_language_than_was_said_is_told(
    use: Use, spoken: Path, sentence_model: Whisper
) -> None:
    transcribe = use(model_that_says(said(" Hola.", 1.0), language="es"))
    transcribe(spoken, "en")
    assert transcribe.stage is not None
    assert "sounds like 'es' (probability 1.00)" in transcribe.stage.warnings[0]
    assert transcribe(spoken, "es-419").segments[0].text == "Hola."
    assert transcribe.stage.warnings == []


def test_languages_that_it_does_not_know_have_a_way_out(
    use: Use, spoken: Path, sentence_model: Whisper
) -> None:
    transcribe = use(sentence_model)
    with pytest.raises(InvalidInput, match=r"knows no Cantonese.*put a script"):
        transcribe(spoken, "yue")
    assert transcribe(spoken, "jv").language == "jv", "OpenAI calls it jw"


def test_missing_weights_name_the_command_that_brings_them(
    checkpoint: Path, spoken: Path, tmp_path: Path
) -> None:
    with pytest.raises(DependencyUnavailable, match="weights fetch --engine transcribe/whisper"):
        Transcribing(tmp_path, "whisper")(spoken)


def test_a_torn_checkpoint_is_told(checkpoint: Path, sentence_model: Whisper) -> None:
    save(sentence_model, checkpoint)
    checkpoint.write_bytes(checkpoint.read_bytes()[:-5000])
    with pytest.raises(InvalidInput, match=r"large-v3\.pt: the checkpoint is torn"):
        whisper.load(checkpoint)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ([1], "no checkpoint of openai-whisper"),
        ({"model_state_dict": {}}, "KeyError: 'dims'"),
        ({"dims": asdict(DIMS)}, "KeyError: 'model_state_dict'"),
        ({"dims": {"n_mels": 80}, "model_state_dict": {}}, "TypeError"),
        ({"dims": asdict(DIMS) | {"n_vocab": -1}, "model_state_dict": {}}, "ValueError"),
        ({"dims": asdict(DIMS), "model_state_dict": {}}, "is missing; .* more"),
        ({"dims": asdict(DIMS), "model_state_dict": [1]}, "is missing; .* more"),
    ],
    ids=str,
)
def test_another_checkpoint_is_told(checkpoint: Path, content: object, words: str) -> None:
    checkpoint.parent.mkdir()
    torch.save(content, checkpoint)
    with pytest.raises(InvalidInput, match=words):
        whisper.load(checkpoint)


def test_other_shapes_are_told(checkpoint: Path, sentence_model: Whisper) -> None:
    tensors = dict(sentence_model.state_dict())
    tensors["decoder.ln.weight"] = torch.ones(31)
    checkpoint.parent.mkdir()
    torch.save({"dims": asdict(DIMS), "model_state_dict": tensors}, checkpoint)
    with pytest.raises(InvalidInput, match=r"decoder\.ln\.weight has shape \(31,\), not \(32,\)"):
        whisper.load(checkpoint)


def test_the_public_checkpoint_has_these_tensors() -> None:
    large = ModelDimensions(128, 1500, 1280, 20, 32, 51_866, 448, 1280, 20, 32)
    with torch.device("meta"), whisper._AllDense():
        model = Whisper(large)
    assert tensors_of(model) == official_tensors("whisper")
