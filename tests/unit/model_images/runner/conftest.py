"""The runner with a stage of the test's own in the place of probe."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from airdub.artifacts import ArtifactStore
from model_images.runner.context import StageContext
from tests.builders import local_store

Stage = Callable[[StageContext], None]


@pytest.fixture
def store(tmp_path: Path) -> ArtifactStore:
    return local_store(tmp_path)


@pytest.fixture
def use_stage(monkeypatch: pytest.MonkeyPatch) -> Callable[[Stage], None]:
    """Puts a function in the place of the probe stage: the runner's own boundary."""

    def use(run: Stage) -> None:
        monkeypatch.setitem(sys.modules, "model_images.probe.stage", SimpleNamespace(run=run))

    return use
