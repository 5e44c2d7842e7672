"""A tiny Wav2Lip in the official format, and inputs: the same at every call."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from airdub.engines import find_engine
from tests.neural.official import official_tensors

_SCALES = {"output_block.1.weight": 2.0}


def tensor(name: str, shape: tuple[int, ...]) -> torch.Tensor:
    """Weights of one name: drawn from the name, at a level that keeps a network in its range."""
    if name.endswith("num_batches_tracked"):
        return torch.tensor(0)
    drawn = np.random.default_rng(zlib.crc32(name.encode())).standard_normal(shape)
    if name.endswith("running_var") or (name.endswith("weight") and len(shape) == 1):
        return torch.from_numpy((0.8 + 0.1 * np.abs(drawn)).astype(np.float32))
    if len(shape) == 1:
        return torch.from_numpy((0.1 * drawn).astype(np.float32))
    fans = max(1, drawn.size // shape[0])
    scale = _SCALES.get(name, 1.0) / np.sqrt(fans)
    return torch.from_numpy((drawn * scale).astype(np.float32))


def tensors() -> dict[str, torch.Tensor]:
    """All of the tiny network's."""
    return {name: tensor(name, shape) for name, shape in official_tensors("wav2lip_tiny").items()}


def checkpoint(prefix: str = "module.", **other: Any) -> dict[str, Any]:
    """What Wav2Lip's training saves."""
    named = {prefix + name: one for name, one in tensors().items()}
    optimizer = {"state": {0: {"step": 3, "exp_avg": torch.zeros(2)}}, "param_groups": []}
    made = {"state_dict": named, "optimizer": optimizer, "global_step": 3, "global_epoch": 1}
    return {**made, **other}


def fill_cache(cache: Path) -> Path:
    """The engine's weights where it looks for them."""
    path = cache / find_engine("lipsync", "wav2lip").weights["wav2lip_gan.pth"].path
    path.parent.mkdir(parents=True)
    torch.save(checkpoint(), path)
    return path


def inputs(count: int = 3) -> tuple[torch.Tensor, torch.Tensor]:
    """Spectrograms (count, 1, 80, 16) and faces (count, 6, 96, 96)."""
    rng = np.random.default_rng(4)
    mel = rng.uniform(-4, 4, (count, 1, 80, 16)).astype(np.float32)
    faces = rng.uniform(0, 1, (count, 6, 96, 96)).astype(np.float32)
    faces[:, :3, 48:] = 0
    return torch.from_numpy(mel), torch.from_numpy(faces)


def tone(seconds: float = 1.0, rate_hz: int = 16_000) -> NDArray[np.float32]:
    """A rising tone in noise that begins and ends."""
    at = np.arange(round(seconds * rate_hz)) / rate_hz
    sound = 0.3 * np.sin(2 * np.pi * (150 * at + 900 * at**2)) * np.sin(np.pi * at / seconds)
    return (sound + 1e-3 * np.random.default_rng(2).standard_normal(len(at))).astype(np.float32)
