"""Names and shapes of tensors in public checkpoints, as the official code makes them.

`official/<engine>.json` says from which repository and commit they were exported, and how.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("official")
Shapes = dict[str, tuple[int, ...]]


def official_tensors(engine: str) -> Shapes:
    """Shapes by name; `engine` may name a part of an engine, as `rvc-f0`."""
    document = json.loads((FOLDER / f"{engine}.json").read_text())
    assert len(document["commit"]) == 40, "the list says from which code it comes"
    assert document["repository"]
    assert document["how"]
    return {name: tuple(shape) for name, shape in document["tensors"].items()}


def tensors_of(module: Any) -> Shapes:
    """The same of a module (`torch.nn.Module`); one on the device `meta` costs no memory."""
    return {name: tuple(tensor.shape) for name, tensor in module.state_dict().items()}
