"""A tiny htdemucs in the form in which its makers publish it."""

from __future__ import annotations

import hashlib
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import torch
from demucs.htdemucs import HTDemucs

from tests.neural.official import FOLDER

SIGNATURE = "955717e8"


def official_arguments(**changes: object) -> dict[str, Any]:
    """Arguments of the published model, as its file states them."""
    arguments = json.loads((FOLDER / "demucs.json").read_text())["arguments"]
    return arguments | {"segment": Fraction(arguments["segment"])} | changes


def tiny_arguments(**changes: object) -> dict[str, Any]:
    """The same of a model of 288,000 parameters that hears 1.5 s at once."""
    small = {"channels": 8, "bottom_channels": 16, "t_layers": 1, "t_heads": 2}
    small |= {"t_hidden_scale": 1.0, "segment": Fraction(3, 2)}
    return official_arguments(**(small | changes))


def tiny_package(**changes: object) -> dict[str, Any]:
    """The package of such a model."""
    return package_of(tiny_arguments(**changes))


def package_of(arguments: dict[str, Any]) -> dict[str, Any]:
    """What `demucs.states.serialize_model` makes of a model, with notes on its training."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = HTDemucs(**arguments)
    return {
        "klass": HTDemucs,
        "args": (),
        "kwargs": arguments,
        "state": {name: tensor.half() for name, tensor in model.state_dict().items()},
        "training_args": {"epochs": 360, "best": np.float64(0.25)},
    }


def write_repository(folder: Path, package: dict[str, Any]) -> Path:
    """A folder as `demucs --repo` takes it: the bag `htdemucs`, and the package, which is given."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "htdemucs.yaml").write_text(f"models: ['{SIGNATURE}']\n")
    part = folder / "part"
    torch.save(package, part)
    digest = hashlib.sha256(part.read_bytes()).hexdigest()
    return part.rename(folder / f"{SIGNATURE}-{digest[:8]}.th")
