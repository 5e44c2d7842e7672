"""A settled installation whose stages' interpreter makes small results."""

from __future__ import annotations

from pathlib import Path

import pytest

from airdub.artifacts import ArtifactStore
from airdub.settings import load_settings
from tests.fakes.stage_python import install


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Its folder; the environment points to it, and nothing runs."""
    monkeypatch.setenv("AIRDUB_VAR", str(tmp_path / "var"))
    monkeypatch.delenv("AIRDUB_STORE", raising=False)
    monkeypatch.setenv("AIRDUB_STAGES_PYTHON", str(install(tmp_path)))
    monkeypatch.setenv("FAKE_FOLDER", str(tmp_path))
    (tmp_path / "film.mp4").write_bytes(b"moving pictures")
    return tmp_path


@pytest.fixture
def store(installation: Path) -> ArtifactStore:
    """The installation's store."""
    return ArtifactStore(load_settings().store_url)
