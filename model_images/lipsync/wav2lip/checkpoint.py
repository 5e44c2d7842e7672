"""Wav2Lip's weights: what its training saves, or a TorchScript archive of the network."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from airdub.errors import InvalidInput
from model_images.common.checkpoints import GET_IT, fill, read_checkpoint
from model_images.common.scripted import is_scripted, read_scripted
from model_images.lipsync.wav2lip.network import WIDTH, Wav2LipNetwork

_PARALLEL = "module."
_FIRST = "face_encoder_blocks.0.0.conv_block.0.weight"
_WIDEST = 4 * WIDTH


def load_network(path: Path, device: torch.device, precision: torch.dtype) -> Wav2LipNetwork:
    """The network of a checkpoint.

    Args:
        path: {"state_dict": {"module.<name>": tensor}, ...} as Wav2Lip's training on several GPUs
            saves it, or without "module."; or TorchScript, of which tensors alone are read.

    Raises:
        InvalidInput: it isn't such a checkpoint.
    """
    tensors = read_scripted(path) if is_scripted(path) else _trained(read_checkpoint(path), path)
    with torch.device("meta"):
        network = Wav2LipNetwork(_width(tensors))
    fill(network, tensors, path)
    return network.to(device, precision).eval().requires_grad_(False)


def _trained(checkpoint: Any, path: Path) -> dict[str, torch.Tensor]:
    """Tensors by name, out of what training saved."""
    tensors = checkpoint.get("state_dict") if isinstance(checkpoint, Mapping) else None
    if not isinstance(tensors, Mapping):
        found = ", ".join(map(str, checkpoint)) if isinstance(checkpoint, Mapping) else "a list"
        raise InvalidInput(
            f"no checkpoint of Wav2Lip: it has no state_dict, but {found[:200] or 'nothing'}",
            where=str(path),
            remedy=GET_IT,
        )
    return {str(name).removeprefix(_PARALLEL): tensor for name, tensor in tensors.items()}


def _width(tensors: Mapping[str, Any]) -> int:
    """Channels of the first layer; the public ones' where that can't be."""
    first = tensors.get(_FIRST)
    width = first.shape[0] if isinstance(first, torch.Tensor) and first.dim() else WIDTH
    return width if 0 < width <= _WIDEST else WIDTH
