"""Tensors of a TorchScript archive, without its code.

Such an archive is a zip of storages, a pickle that says how modules nest and which tensor lies
where, and code, which `torch.jit.load` compiles and may run (`__setstate__`) while it loads. Here
none of it is looked at: the pickle may name modules, which become bare boxes, and tensors, which
are made of their storages. Whatever else it names is refused.

Imports torch: only engines of the environment `neural` import it.
"""

from __future__ import annotations

import math
import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import torch

from airdub.errors import InvalidInput
from model_images.common.checkpoints import GET_IT

_KINDS = {
    "DoubleStorage": torch.float64,
    "FloatStorage": torch.float32,
    "HalfStorage": torch.float16,
    "BFloat16Storage": torch.bfloat16,
    "LongStorage": torch.int64,
}
_TORN = (pickle.UnpicklingError, zipfile.BadZipFile, OSError, EOFError, ValueError, RuntimeError)
_TORN += (LookupError, TypeError, AttributeError, OverflowError)


def is_scripted(path: Path) -> bool:
    """Whether a file is a TorchScript archive."""
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.endswith("/constants.pkl") for name in archive.namelist())
    except (zipfile.BadZipFile, OSError):
        return False


def read_scripted(path: Path) -> dict[str, torch.Tensor]:
    """The archive's parameters and buffers on the CPU, named as in a state_dict.

    Raises:
        InvalidInput: it is torn, or names more than modules and tensors.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            (name,) = (one for one in archive.namelist() if one.endswith("/data.pkl"))
            with archive.open(name) as stream:
                return dict(_named(_Reader(stream, archive, name[: -len(".pkl")]).load(), ""))
    except _Refused as error:
        raise InvalidInput(
            f"the file holds more than modules and tensors: {error}",
            where=str(path),
            remedy="don't use it, reading it could run code; " + GET_IT,
        ) from error
    except _TORN as error:
        raise InvalidInput(
            f"the checkpoint is torn, or none ({type(error).__name__})",
            where=str(path),
            remedy=GET_IT,
        ) from error


class _Refused(Exception):
    """The pickle names what isn't expected."""


class _Module:
    """A bare box in the place of a scripted module."""


class _Reader(pickle.Unpickler):
    """Gives boxes and tensors, whatever the pickle says.

    Args:
        folder: of the storages, in the archive.
    """

    def __init__(self, stream: Any, archive: zipfile.ZipFile, folder: str) -> None:
        super().__init__(stream)
        self._archive, self._folder = archive, folder

    def find_class(self, module: str, name: str) -> Any:
        """What stands for a name."""
        if module == "__torch__" or module.startswith("__torch__."):
            return _Module
        known: dict[tuple[str, str], Callable[..., Any] | torch.dtype] = {
            ("torch._utils", "_rebuild_tensor_v2"): _tensor,
            ("collections", "OrderedDict"): OrderedDict,
        }
        if module == "torch" and name in _KINDS:
            return _KINDS[name]
        if (module, name) not in known:
            raise _Refused(f"{module}.{name}")
        return known[module, name]

    def persistent_load(self, pid: Any) -> torch.Tensor:
        """A storage as a flat tensor."""
        what, kind, key, _, _ = pid
        if what != "storage" or not isinstance(kind, torch.dtype) or "/" in key:
            raise _Refused(f"a storage {what} {key}")
        entry = self._archive.getinfo(f"{self._folder}/{key}")
        if entry.compress_type != zipfile.ZIP_STORED:
            raise _Refused(f"a compressed storage {key}")
        return torch.frombuffer(bytearray(self._archive.read(entry)), dtype=kind)


def _tensor(
    storage: torch.Tensor, offset: int, size: Sequence[int], stride: Sequence[int], *_: Any
) -> torch.Tensor:
    """Part of a storage; its rows must lie one after the other."""
    count = math.prod(size)
    dense = [math.prod(size[axis + 1 :]) for axis in range(len(size))]
    if count > 1 and any(
        have != want for have, want, long in zip(stride, dense, size, strict=True) if long > 1
    ):
        raise _Refused(f"a tensor {tuple(size)} with strides {tuple(stride)}")
    if offset < 0 or offset + count > len(storage):
        raise ValueError("a tensor reaches beyond its storage")
    return storage[offset : offset + count].view(tuple(size))


def _named(module: _Module, prefix: str) -> Iterator[tuple[str, torch.Tensor]]:
    for name, value in vars(module).items():
        if isinstance(value, torch.Tensor):
            yield prefix + name, value
        elif isinstance(value, _Module):
            yield from _named(value, f"{prefix}{name}.")
