"""A tiny RVC in the official formats: weights, inputs and files that are the same at every call."""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import torch
from numpy.typing import NDArray
from transformers import HubertConfig, HubertModel

from airdub.artifacts import file_digest
from model_images.convert_voice.protocol import TrainedVoice
from tests.neural.official import FOLDER, official_tensors

FEATURES = 32
_SCALES = {"dec.conv_post.weight": 0.1, "fc.1.weight": 10, "fc.1.bias": 0.1}
_POSITIVE = ("weight_g", "running_var", "gamma")


def official(name: str) -> dict[str, Any]:
    """A whole document of tests/neural/official."""
    return json.loads((FOLDER / f"{name}.json").read_text())


def tensor(name: str, shape: tuple[int, ...]) -> torch.Tensor:
    """Weights of one name: drawn from the name, at a level that keeps a network in its range."""
    if name.endswith("num_batches_tracked"):
        return torch.tensor(0)
    drawn = np.random.default_rng(zlib.crc32(name.encode())).standard_normal(shape)
    if name.endswith(_POSITIVE):
        return torch.from_numpy(np.abs(drawn).astype(np.float32) + 0.5)
    drawn = drawn.astype(np.float32) * _SCALES.get(name, 1)
    fans = max(1, drawn.size // shape[0])
    return torch.from_numpy((drawn / np.sqrt(fans)).astype(np.float32))


def tensors(name: str, **shapes: tuple[int, ...]) -> dict[str, torch.Tensor]:
    """Those of an official list, some with other shapes (`a__b` for `a.b`)."""
    others = {key.replace("__", "."): shape for key, shape in shapes.items()}
    return {key: tensor(key, shape) for key, shape in (official_tensors(name) | others).items()}


def pitched_frames(frames: int = 31) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Features (1, frames, 768), and F0 that rises with breaks."""
    features = np.random.default_rng(1).standard_normal((1, frames, 768)).astype(np.float32)
    f0 = np.where(np.arange(frames) % 11 < 8, 100 + 7 * np.arange(frames), 0)
    return features, f0.astype(np.float64)


def glide() -> NDArray[np.float32]:
    """A second of a rising tone in noise, at 16 kHz."""
    seconds = np.arange(16_000) / 16_000
    tone = 0.3 * np.sin(2 * np.pi * (120 * seconds + 40 * seconds**2))
    noise = 0.05 * np.random.default_rng(2).standard_normal(len(seconds))
    return (tone + noise).astype(np.float32)


def voice_checkpoint(**other: Any) -> dict[str, Any]:
    """What RVC's training saves at its end, in half precision, for our tiny features."""
    made = tensors("rvc_v2_tiny", enc_p__emb_phone__weight=(16, FEATURES))
    return {
        "weight": {name: one.half() for name, one in made.items()},
        "config": official("rvc_v2_tiny")["config"],
        "info": "20epoch",
        "sr": "40k",
        "f0": 1,
        "version": "v2",
        **other,
    }


TINY = HubertConfig(
    hidden_size=FEATURES,
    num_hidden_layers=2,
    num_attention_heads=2,
    intermediate_size=32,
    conv_dim=[8] * 7,
    num_conv_pos_embeddings=16,
    num_conv_pos_embedding_groups=4,
    classifier_proj_size=8,
)


def save_contentvec(folder: Path, config: HubertConfig = TINY) -> None:
    """A HuBERT in Hugging Face's files, with the projection of version 1."""
    state = {
        name: tensor(name, tuple(one.shape)).half()
        for name, one in HubertModel(config).state_dict().items()
    }
    old = {_before_torch_2(name): one for name, one in state.items()}
    old["final_proj.weight"] = torch.zeros(config.classifier_proj_size, config.hidden_size)
    old["final_proj.bias"] = torch.zeros(config.classifier_proj_size)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(config.to_json_string())
    torch.save(old, folder / "pytorch_model.bin")


def _before_torch_2(name: str) -> str:
    for part, old in (("original0", "weight_g"), ("original1", "weight_v")):
        name = name.replace(f"parametrizations.weight.{part}", old)
    return name


def save_index(path: Path, vectors: NDArray[np.float32]) -> None:
    """An index as RVC's training builds it."""
    index = faiss.index_factory(vectors.shape[1], "IVF4,Flat")
    index.nprobe = 1
    index.train(vectors)
    index.add(vectors)
    faiss.write_index(index, str(path))


def fill_cache(cache: Path) -> TrainedVoice:
    """All that the engine needs, in a model cache; and the voice that it may name."""
    save_contentvec(cache / "contentvec")
    (cache / "rmvpe").mkdir()
    made = {name: one.half() for name, one in tensors("rmvpe_tiny").items()}
    torch.save(made, cache / "rmvpe" / "rmvpe.pt")
    (cache / "voices").mkdir()
    torch.save(voice_checkpoint(), cache / "voices" / "hana.pth")
    vectors = np.random.default_rng(4).standard_normal((200, FEATURES)).astype(np.float32)
    save_index(cache / "voices" / "hana.index", vectors)
    return TrainedVoice(
        **_named(cache, "model", "hana.pth"),
        **_named(cache, "index", "hana.index"),
        pitch="harvest",
    )


def fill_full_size(cache: Path) -> TrainedVoice:
    """The same at the sizes of public files, without an index; 470 MB."""
    save_contentvec(cache / "contentvec", HubertConfig())
    for folder in ("rmvpe", "voices"):
        (cache / folder).mkdir()
    heard = {name: one.half() for name, one in tensors("rmvpe").items()}
    torch.save(heard, cache / "rmvpe" / "rmvpe.pt")
    weight = {name: one.half() for name, one in tensors("rvc_v2_40k").items()}
    config = official("rvc_v2_40k")["config"]
    torch.save(voice_checkpoint(weight=weight, config=config), cache / "voices" / "hana.pth")
    return TrainedVoice(**_named(cache, "model", "hana.pth"), pitch="harvest")


def _named(cache: Path, kind: str, name: str) -> dict[str, str]:
    digest, _ = file_digest(cache / "voices" / name)
    return {kind: f"voices/{name}", f"{kind}_sha256": digest}
