"""Voices in the official format: `{weight, config, sr, f0, version}`, saved in half precision."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from airdub.errors import InvalidInput
from model_images.common.checkpoints import fill, read_checkpoint
from model_images.convert_voice.rvc.config import VoiceConfig
from model_images.convert_voice.rvc.synthesizer import Synthesizer

_REMEDY = "give the small file that RVC's training writes at its end, of version 2 with pitch"


def read_voice(path: Path) -> tuple[VoiceConfig, Synthesizer]:
    """A voice's sizes and its model, on the CPU, in the precision of the file.

    Raises:
        InvalidInput: no RVC voice of version 2 with pitch, torn, or of other sizes than it says.
    """
    found = read_checkpoint(path)
    weights = _weights(found, path)
    try:
        config = VoiceConfig.parse(found["config"])
    except (ValueError, TypeError) as error:
        raise InvalidInput(f"no RVC voice: {error}", where=str(path), remedy=_REMEDY) from error
    with torch.device("meta"):
        model = Synthesizer(
            config,
            features=_size(weights, "enc_p.emb_phone.weight", 1, path),
            speakers=_size(weights, "emb_g.weight", 0, path),
        )
    fill(model, fold(weights), path)
    return config, model.eval()


def read_state(path: Path) -> dict[str, Tensor]:
    """The tensors of a file that holds nothing else.

    Raises:
        InvalidInput: it is torn, or holds something else.
    """
    found = read_checkpoint(path)
    if isinstance(found, dict) and all(isinstance(one, Tensor) for one in found.values()):
        return found
    raise InvalidInput(
        "the file is no dictionary of tensors",
        where=str(path),
        remedy="get the right file: `airdub weights verify` says what is wrong, `fetch` mends it",
    )


def fold(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Tensors with each pair of a weight norm (Salimans, Kingma 2016) made one weight.

    `x.weight_g` holds the lengths of the first axis' rows, `x.weight_v` their directions.
    """
    folded = {}
    for name, tensor in weights.items():
        stem = name.removesuffix("_v")
        length = weights.get(f"{stem}_g")
        if name.endswith(".weight_v") and length is not None:
            rows = tensor.float()
            norms = rows.norm(dim=tuple(range(1, rows.ndim)), keepdim=True)
            folded[stem] = (rows / norms * length.float()).to(tensor.dtype)
        elif not (name.endswith(".weight_g") and f"{name[:-1]}v" in weights):
            folded[name] = tensor
    return folded


def _weights(found: Any, path: Path) -> dict[str, Tensor]:
    """The tensors of a checkpoint, without those that training alone needs."""
    if not isinstance(found, dict) or not isinstance(found.get("weight"), dict):
        training = isinstance(found, dict) and "model" in found
        why = "a checkpoint to train on with" if training else "it has no `weight`"
        raise InvalidInput(f"no RVC voice: {why}", where=str(path), remedy=_REMEDY)
    version, pitched = found.get("version", "v1"), found.get("f0", 1)
    if version != "v2" or pitched != 1:
        raise InvalidInput(
            f"an RVC voice of version {version!r} with{'' if pitched == 1 else 'out'} pitch",
            where=str(path),
            remedy=_REMEDY,
        )
    return {name: one for name, one in found["weight"].items() if not name.startswith("enc_q.")}


def _size(weights: Mapping[str, Any], name: str, axis: int, path: Path) -> int:
    tensor = weights.get(name)
    if not isinstance(tensor, Tensor) or tensor.ndim != 2:
        raise InvalidInput(
            f"no RVC voice: it has no matrix {name}", where=str(path), remedy=_REMEDY
        )
    return tensor.shape[axis]
