"""Checkpoints that are torn, of another model, or more than data, are refused with reasons."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
from safetensors.torch import save_file

from airdub.errors import DependencyUnavailable, InvalidInput
from model_images.translate.neural.checkpoint import (
    load_model,
    load_tokenizer,
    model_folder,
    refuse_larger,
)
from tests.neural.official import official_tensors, tensors_of

M2M = "M2M100ForConditionalGeneration"


@pytest.fixture
def folder(models: Path, tmp_path: Path) -> Path:
    """A copy of M2M100's checkpoint, to be damaged."""
    copied = shutil.copytree(models / "m2m100_418M", tmp_path / "m2m100_418M")
    return Path(copied)


def changed(folder: Path, change: Callable[[dict[str, Any]], Any]) -> Path:
    """The folder with other tensors."""
    path = folder / "pytorch_model.bin"
    tensors = torch.load(path, weights_only=True)
    torch.save(change(tensors) or tensors, path)
    return folder


def test_the_official_checkpoints_are_of_these_architectures() -> None:
    m2m, opus = transformers.M2M100Config, transformers.MarianConfig
    full = {
        "nllb": (M2M, m2m(vocab_size=256_206, scale_embedding=True)),
        "m2m100": (M2M, m2m(vocab_size=128_112, scale_embedding=True)),
        "marian": ("MarianMTModel", opus(**OPUS_EN_ES)),
    }
    for engine, (kind, config) in full.items():
        with torch.device("meta"):
            model = getattr(transformers, kind)(config)
        assert tensors_of(model) == official_tensors(engine)


OPUS_EN_ES = {
    "vocab_size": 65_001,
    "d_model": 512,
    "encoder_layers": 6,
    "decoder_layers": 6,
    "encoder_ffn_dim": 2048,
    "decoder_ffn_dim": 2048,
    "encoder_attention_heads": 8,
    "decoder_attention_heads": 8,
    "max_position_embeddings": 512,
    "pad_token_id": 65_000,
    "decoder_start_token_id": 65_000,
}


def test_safetensors_hold_the_same(folder: Path, models: Path) -> None:
    tensors = torch.load(folder / "pytorch_model.bin", weights_only=True)
    (folder / "pytorch_model.bin").unlink()
    tied = (
        "lm_head.weight",
        "model.encoder.embed_tokens.weight",
        "model.decoder.embed_tokens.weight",
    )
    save_file(
        {name: one for name, one in tensors.items() if name not in tied},
        folder / "model.safetensors",
    )
    one, other = load_model(folder, M2M), load_model(models / "m2m100_418M", M2M)
    for name, tensor in one.state_dict().items():
        assert torch.equal(tensor, other.state_dict()[name]), name


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            lambda all_: {name: one for name, one in all_.items() if "fc1.bias" not in name},
            "encoder.layers.0.fc1.bias is missing",
        ),
        (
            lambda all_: all_.update({"model.decoder.layer_norm.bias": torch.zeros(3)}),
            r"layer_norm.bias has shape \(3,\), not \(64,\)",
        ),
        (
            lambda all_: all_.update({"model.encoder.layers.1.fc1.bias": torch.zeros(3)}),
            "layers.1.fc1.bias is not known",
        ),
        (lambda all_: [1, 2], "holds no tensors by name"),
    ],
)
def test_another_models_tensors_are_named(folder: Path, change: Any, reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason):
        load_model(changed(folder, change), M2M)


def test_leftovers_of_the_training_code_do_no_harm(folder: Path) -> None:
    extra = {
        "model.encoder.embed_positions.weights": torch.zeros(9, 64),
        "encoder.version": torch.ones(1),
    }
    assert load_model(changed(folder, lambda all_: all_.update(extra)), M2M)


class Code:
    """What no checkpoint may hold."""

    def __reduce__(self) -> Any:
        return print, ("run",)


def test_a_file_that_would_run_code_is_refused(folder: Path) -> None:
    torch.save({"a": Code()}, folder / "pytorch_model.bin")
    with pytest.raises(InvalidInput, match="more than tensors and plain values"):
        load_model(folder, M2M)


def test_torn_files_are_refused(folder: Path) -> None:
    path = folder / "pytorch_model.bin"
    path.write_bytes(path.read_bytes()[:100_000])
    with pytest.raises(InvalidInput, match="torn"):
        load_model(folder, M2M)
    path.unlink()
    with pytest.raises(InvalidInput, match=r"neither model.safetensors nor pytorch_model.bin"):
        load_model(folder, M2M)
    (folder / "config.json").write_text("{")
    with pytest.raises(InvalidInput, match=r"config.json: not a configuration"):
        load_model(folder, M2M)


@pytest.mark.parametrize(
    "content", ['{"model_type": "bart"}', "[]", "{}", '{"model_type": "marian"}']
)
def test_another_models_configuration_is_refused(folder: Path, content: str) -> None:
    (folder / "config.json").write_text(content)
    with pytest.raises(InvalidInput, match="not a 'm2m_100'"):
        load_model(folder, M2M)


def test_configurations_that_make_no_sense_are_refused(folder: Path) -> None:
    written = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(written | {"d_model": "many"}))
    with pytest.raises(InvalidInput, match=r"config\.json|make no"):
        load_model(folder, M2M)


@pytest.mark.parametrize("name", ["vocab.json", "sentencepiece.bpe.model", "tokenizer_config.json"])
def test_a_torn_tokenizer_is_refused(folder: Path, name: str) -> None:
    (folder / name).write_bytes(b"\x00torn")
    with pytest.raises(InvalidInput, match="make no M2M100Tokenizer"):
        load_tokenizer(folder, "M2M100Tokenizer")


def test_language_codes_of_nllb_have_the_numbers_that_the_file_gives_them(models: Path) -> None:
    folder = models / "nllb-200-distilled-600M"
    written = json.loads((folder / "tokenizer.json").read_text())["added_tokens"]
    tokenizer = load_tokenizer(folder, "NllbTokenizer")
    stated = {token["content"]: token["id"] for token in written}
    assert len(stated) == 4 + 202 + 1
    assert {token: tokenizer.convert_tokens_to_ids(token) for token in stated} == stated
    assert tokenizer.convert_ids_to_tokens(len(tokenizer) - 1) == "<mask>"


def test_a_torn_tokenizer_of_nllb_is_refused(models: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(models / "nllb-200-distilled-600M", tmp_path / "nllb"))
    (folder / "tokenizer.json").write_text("{")
    with pytest.raises(InvalidInput, match="make no NllbTokenizer"):
        load_tokenizer(folder, "NllbTokenizer")


def test_a_tokenizer_of_a_larger_model_is_refused(models: Path) -> None:
    tokenizer = load_tokenizer(models / "nllb-200-distilled-600M", "NllbTokenizer")
    small = load_model(models / "opus-mt-en-es", "MarianMTModel")
    with pytest.raises(InvalidInput, match=r"the tokenizer has \d+ tokens, the model \d+"):
        refuse_larger(tokenizer, small, models)


def test_a_file_that_is_not_there_says_what_brings_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRDUB_MODEL_CACHE", str(folder.parent))
    assert model_folder("m2m100", "m2m100_418M") == folder
    (folder / "vocab.json").unlink()
    with pytest.raises(DependencyUnavailable, match="fetch --engine translate/m2m100"):
        model_folder("m2m100", "m2m100_418M")
