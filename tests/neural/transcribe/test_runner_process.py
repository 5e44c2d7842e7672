"""From a person's own files to a transcript: imported, stated, run by the runner's process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from whisper.model import Whisper

from airdub.engines import find_engine, resolve_engine
from airdub.errors import DependencyUnavailable
from airdub.requests import StageRequest, build_request
from airdub.results import read_result
from airdub.transcript import Transcript
from airdub.weights import ModelCache, import_file, wanted_weights
from model_images.common.vad import detect_speech
from model_images.runner.environment import detect
from tests.builders import film_facts, local_store, stored
from tests.neural.transcribe.conftest import SENTENCE
from tests.neural.whisper_conversion import convert

SPEC = find_engine("transcribe", "faster_whisper")


@pytest.fixture
def imported(model_cache: Path, tmp_path: Path, sentence_model: Whisper) -> Path:
    """The model cache after a person has vouched for his own conversion."""
    cache, wanted = ModelCache(model_cache), wanted_weights([SPEC])
    converted = convert(sentence_model, tmp_path / "converted")
    for file in sorted(converted.iterdir()):
        import_file(cache, wanted, file, accept_new=True)
    return model_cache


def run(request: StageRequest, url: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "model_images.runner", *request.arguments]
    environment = {**os.environ, "AIRDUB_STORE": url}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_an_imported_model_is_stated_used_and_held_to(
    imported: Path, tmp_path: Path, spoken: Path
) -> None:
    store = local_store(tmp_path)
    engine = resolve_engine("transcribe", "faster_whisper", detect([SPEC]))
    inputs = {"mono_16k": spoken, "speech": detect_speech(spoken), "facts": film_facts()}
    request = build_request(
        "transcribe",
        engine,
        {name: stored(store, name, value) for name, value in inputs.items()},
        attempt_id="first",
        parameters={"source_language": "en"},
    )
    store.write(request.request_key, request.to_json())
    answer = run(request, store.url)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    result = read_result(store, request)
    assert result is not None
    transcript = Transcript.model_validate_json(store.read(result.outputs["transcript"].key))
    assert " ".join(segment.text for segment in transcript.segments) == SENTENCE
    assert result.provenance.engine.weights == engine.weights
    assert len(set(engine.weights.values())) == 5, "each file is stated by its own sha256"

    store.delete(request.result_key)
    (imported / "faster-whisper-large-v3" / "config.json").write_text("{}")
    refused = run(request, store.url)
    assert refused.returncode == DependencyUnavailable.exit_code
    last = json.loads(refused.stdout.splitlines()[-1])
    assert "lacks weights faster-whisper-large-v3/config.json" in last["what"]
