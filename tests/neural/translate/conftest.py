"""The tiny checkpoints, made once, in a model cache of their own."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from model_images.common.torch_runtime import seeded
from tests.neural.translate import checkpoints

MAKERS = {
    "nllb": (checkpoints.nllb, "nllb-200-distilled-600M"),
    "m2m100": (checkpoints.m2m100, "m2m100_418M"),
    "marian": (checkpoints.marian, "opus-mt-en-es"),
}


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model cache with all of them; nobody may write to it."""
    folder = tmp_path_factory.mktemp("models")
    for make, name in MAKERS.values():
        with seeded(7), torch.enable_grad():
            make(folder / name)
    return folder


@pytest.fixture
def model_cache(models: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same, which engines look into."""
    monkeypatch.setenv("AIRDUB_MODEL_CACHE", str(models))
    return models
