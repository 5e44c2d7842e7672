"""Engines with weights, on tiny checkpoints in the official formats; nothing is downloaded."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

# before anything imports them
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["OMP_NUM_THREADS"] = "1"


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> None:
    """One thread: threads that wait for each other take ten times as long on a busy machine."""
    import torch

    torch.set_num_threads(1)


@pytest.fixture
def model_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty model cache, which engines look into."""
    folder = tmp_path / "models"
    folder.mkdir()
    monkeypatch.setenv("AIRDUB_MODEL_CACHE", str(folder))
    return folder
