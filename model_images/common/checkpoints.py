"""Checkpoints of engines: found in the model cache, read without running code, held to a model.

Imports torch: only engines of the environment `neural` import it.
"""

from __future__ import annotations

import pickle
import re
import struct
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn

from airdub.engines import find_engine
from airdub.errors import DependencyUnavailable, InvalidInput
from airdub.settings import load_settings
from airdub.weights import ModelCache
from model_images.common.torch_runtime import ran_out_of_memory

_SHOWN = 3
_NONE: Mapping[str, Callable[..., Any]] = MappingProxyType({})
_FOREIGN = re.compile(r"Unsupported (?:global: GLOBAL|class) (\S+)")
_TORN = (RuntimeError, EOFError, ValueError, LookupError, TypeError, AttributeError, struct.error)

GET_IT = "get the right file: `airdub weights verify` says what is wrong, `fetch` mends it"
"""What to do about a wrong checkpoint."""


def weights_file(stage: str, engine: str, name: str) -> Path:
    """Where a weights file of `engines.yaml` lies in the model cache.

    Raises:
        DependencyUnavailable: it isn't there.
    """
    weights = find_engine(stage, engine).weights[name]
    path = ModelCache(load_settings().model_cache).path(weights)
    if not path.is_file():
        raise DependencyUnavailable(
            f"the weights {name} are not there",
            where=str(path),
            remedy=f"run `airdub weights fetch --engine {stage}/{engine}`",
        )
    return path


def read_checkpoint(
    path: Path,
    device: torch.device | str = "cpu",
    stand_ins: Mapping[str, Callable[..., Any]] = _NONE,
) -> Any:
    """What a file holds: tensors in dictionaries and lists, with numbers and texts.

    Nothing but tensors and plain values is ever made of it: a file that wants more is refused.
    Pages are mapped, not read, where the format allows.

    Args:
        path: of PyTorch (`.pt`, `.pth`, `.th`, `.bin`), or `.safetensors`: a flat dictionary.
        stand_ins: for names (`package.module.name`) that a file of PyTorch holds besides: what is
            taken instead of what they mean, and called with whatever the file says. They are ours,
            and do nothing but keep it.

    Raises:
        InvalidInput: it is torn, no checkpoint, or holds what isn't data.
    """
    try:
        if path.suffix == ".safetensors":
            return load_file(path, device=str(device))
        with torch.serialization.safe_globals([(ours, name) for name, ours in stand_ins.items()]):
            return _read_torch(path, device)
    except (pickle.UnpicklingError, SafetensorError, *_TORN) as error:
        if ran_out_of_memory(error):
            raise
        if unasked := _FOREIGN.search(str(error)):
            raise InvalidInput(
                f"the file holds more than tensors and plain values: {unasked[1]}",
                where=str(path),
                remedy="don't use it, reading it could run code; " + GET_IT,
            ) from error
        raise InvalidInput(
            f"the checkpoint is torn, or none ({type(error).__name__})",
            where=str(path),
            remedy=GET_IT,
        ) from error


def _read_torch(path: Path, device: torch.device | str) -> Any:
    with path.open("rb") as stream:
        zipped = stream.read(4) == b"PK\x03\x04"  # what was saved before torch 1.6 can't be mapped
    return torch.load(path, map_location=device, weights_only=True, mmap=zipped)


def fill(module: nn.Module, tensors: Mapping[str, torch.Tensor], path: Path) -> None:
    """Give a module the tensors of a checkpoint; it may have been made on the device `meta`.

    Args:
        path: the checkpoint, for the message.

    Raises:
        InvalidInput: names or shapes are others than the module's.
    """
    expected = {name: tuple(tensor.shape) for name, tensor in module.state_dict().items()}
    found = {name: _shape(tensor) for name, tensor in tensors.items()}
    if differences := _differences(expected, found):
        shown = "; ".join(differences[:_SHOWN])
        more = f"; and {len(differences) - _SHOWN} more" if len(differences) > _SHOWN else ""
        raise InvalidInput(
            f"the checkpoint is of another model: {shown}{more}", where=str(path), remedy=GET_IT
        )
    module.load_state_dict(dict(tensors), assign=True)


def _differences(
    expected: Mapping[str, tuple[int, ...]], found: Mapping[str, tuple[int, ...] | None]
) -> list[str]:
    lacking = [f"{name} is missing" for name in expected if name not in found]
    unknown = [f"{name} is not known" for name in found if name not in expected]
    shapes = [
        f"{name} has shape {found[name]}, not {shape}"
        for name, shape in expected.items()
        if name in found and found[name] != shape
    ]
    return [*lacking, *shapes, *unknown]


def _shape(tensor: Any) -> tuple[int, ...] | None:
    return tuple(tensor.shape) if isinstance(tensor, torch.Tensor) else None
