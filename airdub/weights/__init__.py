"""Weights that no package carries: who wants which, and the folder that they lie in."""

from __future__ import annotations

from airdub.weights.cache import ModelCache, State
from airdub.weights.fetching import fetch_all
from airdub.weights.importing import import_file
from airdub.weights.wanting import (
    Wanted,
    choose_engines,
    refuse_unaccepted,
    refuse_unverified,
    wanted_weights,
)

__all__ = [
    "ModelCache",
    "State",
    "Wanted",
    "choose_engines",
    "fetch_all",
    "import_file",
    "refuse_unaccepted",
    "refuse_unverified",
    "wanted_weights",
]
