"""HTDemucs from the file its makers publish: `<signature>-<first 8 digits of its sha256>.th`.

The file is a package: `{klass, args, kwargs, state, training_args}`. `klass` is a reference to the
class HTDemucs, which `demucs` takes by unpickling the file with all its rights. Here the file stays
data: the unpickler knows nothing but tensors, plain values, and for a few names stand-ins of ours,
so no code that the file names is called, not even HTDemucs. The class is ours to choose, its
arguments are checked to be plain values, and the tensors must fit the model that they describe,
which is made without memory first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import torch
from demucs.htdemucs import HTDemucs

from airdub.errors import InvalidInput
from model_images.common.checkpoints import GET_IT, fill, read_checkpoint
from model_images.separate.demucs.hearing import RATE_HZ

STEM = "vocals"

_Plain = None | bool | int | float | str | Fraction


class _Model:
    """Stands for the class HTDemucs."""


class _Unused:
    """Stands for numpy's numbers, which notes on the training may hold."""

    def __init__(self, *parts: object) -> None:
        """Whatever they are made of is dropped."""

    def __setstate__(self, state: object) -> None:
        """So is this."""


def _fraction(*parts: int | str) -> Fraction:
    """A fraction as it is pickled, (39, 5) or ("39/5",); "1e9999999" is none here."""
    numbers = parts if len(parts) == 2 else str(parts[0]).split("/")
    return Fraction(*map(int, numbers))


_STAND_INS: Mapping[str, Callable[..., Any]] = {
    "demucs.htdemucs.HTDemucs": _Model,
    "fractions.Fraction": _fraction,
    "numpy.core.multiarray.scalar": _Unused,
    "numpy._core.multiarray.scalar": _Unused,  # since numpy 2
    "numpy.dtype": _Unused,
}


@cache
def load_model(path: Path, device: torch.device) -> HTDemucs:
    """The model, ready to be asked; once in a process.

    Returns:
        Takes and gives 44.1 kHz stereo in single precision: (batch, 2, samples) to
        (batch, stems, 2, samples).

    Raises:
        InvalidInput: the file is torn, or of another model.
    """
    package = read_checkpoint(path, stand_ins=_STAND_INS)
    model = _described(package, path)
    fill(model, package["state"], path)
    return model.to(device, torch.float32).eval()


def segment_size(model: HTDemucs) -> int:
    """Samples that the model was trained on, and is given at once."""
    return int(model.segment * model.samplerate)


def _described(package: Any, path: Path) -> HTDemucs:
    """The model that a package describes, on the device `meta`."""
    if not (isinstance(package, dict) and package.get("klass") is _Model):
        raise _refusal("it holds no HTDemucs", path)
    kwargs, state = package.get("kwargs"), package.get("state")
    if not (isinstance(kwargs, dict) and isinstance(state, dict) and _is_plain(kwargs)):
        raise _refusal("its model's arguments or tensors are of an unknown form", path)
    try:
        with torch.device("meta"):
            model = HTDemucs(*package.get("args", ()), **kwargs)
        usable = STEM in model.sources and model.samplerate == RATE_HZ and segment_size(model) > 0
    except (
        ArithmeticError,
        AssertionError,
        LookupError,
        RuntimeError,
        TypeError,
        ValueError,
    ) as error:
        raise _refusal(f"no model can be made of its arguments ({error})", path) from error
    if not usable or model.audio_channels != 2:
        raise _refusal(f"it doesn't part {STEM} from stereo at {RATE_HZ} Hz", path)
    return model


def _is_plain(value: object) -> bool:
    if isinstance(value, dict):
        return all(isinstance(name, str) and _is_plain(one) for name, one in value.items())
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    return isinstance(value, _Plain)


def _refusal(what: str, path: Path) -> InvalidInput:
    return InvalidInput(what, where=str(path), remedy=GET_IT)
