"""What an environment has: weights in packages and in the model cache."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from airdub.engines import EngineSpec, find_engine
from model_images.runner.environment import detect


def whisper(content: bytes) -> EngineSpec:
    file = {
        "path": "whisper-r1/model.bin",
        "sha256": hashlib.sha256(content).hexdigest(),
        "bytes": len(content),
        "licence": "MIT",
        "url": "https://example.org/model.bin",
    }
    fields = {"stage": "transcribe", "name": "whisper", "summary": "", "licence": "MIT"}
    return EngineSpec.model_validate(fields | {"weights": {"model.bin": file}})


def test_weights_are_looked_for_where_they_come_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRDUB_MODEL_CACHE", str(tmp_path))
    spec, repet = whisper(b"a model"), find_engine("separate", "repet")
    packaged = {name: weights.sha256 for name, weights in repet.weights.items()}
    assert detect([spec, repet]).weights == packaged
    file = tmp_path / "whisper-r1" / "model.bin"
    file.parent.mkdir()
    file.write_bytes(b"a model")
    cached = hashlib.sha256(b"a model").hexdigest()
    assert detect([spec, repet]).weights == packaged | {"model.bin": cached}
    file.write_bytes(b"another one")
    assert detect([spec]).weights["model.bin"] == hashlib.sha256(b"another one").hexdigest()
