"""A dub by the profile `neural`, whose engines have tiny checkpoints in the official formats."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile

from airdub.environments import describe_environment
from airdub.requests import EngineRef
from airdub.settings import PROJECT, load_settings
from airdub.transcript import Transcript
from airdub.weights import ModelCache, choose_engines, import_file, wanted_weights
from tests.integration.conftest import Dub, Studio

NEURAL_PYTHON = PROJECT / ".venv-neural" / "bin" / "python"
ENGINES = {"separate": "demucs", "transcribe": "faster_whisper", "translate": "m2m100"}


@pytest.fixture(scope="module")
def tiny_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of files as a person gets them."""
    folder = tmp_path_factory.mktemp("weights")
    command = [str(NEURAL_PYTHON), "-m", "tests.neural.tiny_weights", str(folder)]
    one_thread = {**os.environ, "OMP_NUM_THREADS": "1"}
    subprocess.run(command, cwd=PROJECT, env=one_thread, check=True, capture_output=True)
    return folder


@pytest.fixture
def accepted(tiny_weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """An installation that has taken them in; their sha256."""
    python = tmp_path / "neural" / "bin" / "python"  # beside it lies what the environment has
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nOMP_NUM_THREADS=1 exec "{NEURAL_PYTHON}" "$@"\n')
    python.chmod(0o755)
    monkeypatch.setenv("AIRDUB_NEURAL_PYTHON", str(python))
    monkeypatch.setenv("AIRDUB_MODEL_CACHE", str(tmp_path / "models"))
    settings = load_settings()
    cache = ModelCache(settings.model_cache)
    used = wanted_weights(choose_engines([f"{stage}/{name}" for stage, name in ENGINES.items()]))
    wanted = [one for one in used if (tiny_weights / one.weights.path).exists()]
    for one in wanted:
        import_file(cache, wanted, tiny_weights / one.weights.path, accept_new=True)
    describe_environment(settings)
    return {str(cache.accepted_digest(one.weights)) for one in wanted}


@pytest.fixture
def without_script(short: Path) -> Path:
    """A video whose lines nobody has written down."""
    short.with_suffix(".srt").unlink()
    return short


def engines_of(dub: Dub) -> dict[str, EngineRef]:
    return {stage: dub.result(stage).provenance.engine for stage in ENGINES}


def test_a_dub_by_engines_with_weights(
    studio: Studio, without_script: Path, accepted: set[str]
) -> None:
    dub = studio.dub(without_script, ("en", "es"), profile="neural")
    engines = engines_of(dub)
    assert {stage: engine.name for stage, engine in engines.items()} == ENGINES
    stated = {digest for engine in engines.values() for digest in engine.weights.values()}
    assert accepted <= stated, "a result says by which weights it was made"
    transcript = Transcript.model_validate_json(dub.output("transcribe", "transcript").read_bytes())
    assert {segment.text for segment in transcript.segments} == {"Good morning."}
    assert "Buenos días" in dub.file("subtitles_srt").read_text()
    whole, _ = soundfile.read(dub.output("extract_audio", "original"), always_2d=True)
    parts = [
        soundfile.read(dub.output("separate", name), always_2d=True)[0]
        for name in ("dialogue", "background")
    ]
    assert parts[0].any()
    assert all(part.shape == whole.shape for part in parts)
    assert np.abs(sum(parts) - whole).max() < 2**-20
    assert dub.file("deliverable").stat().st_size > 10_000
    again = studio.dub(without_script, ("en", "es"), profile="neural")
    assert again.computed == set(), "the same weights give the same dub"
