"""The entry point of every image as operators meet it: a process that may be stopped and killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from airdub.artifacts import ArtifactStore
from airdub.requests import StageRequest, build_request
from airdub.results import read_result
from tests.builders import local_store
from tests.chain import Chain


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten minutes of noise with a small picture: long enough to be interrupted."""
    path = tmp_path_factory.mktemp("film") / "long film.mp4"
    noise = "anoisesrc=amplitude=0.1:seed=1:sample_rate=48000:duration=600"
    picture = "color=size=64x64:rate=5:duration=600"
    command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", noise]
    coding = ["-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", "-ac", "2"]
    subprocess.run([*command, *coding, str(path)], check=True)
    return path


@pytest.fixture
def store(tmp_path: Path) -> ArtifactStore:
    return local_store(tmp_path)


@pytest.fixture
def extraction(film: Path, store: ArtifactStore) -> StageRequest:
    """A request for extract_audio of the film."""
    chain = Chain.begin(film, ("en", "es"), store)
    chain.run("probe")
    request = chain.request("extract_audio")
    store.write(request.request_key, request.to_json())
    return request


def again(store: ArtifactStore, request: StageRequest) -> StageRequest:
    """The same request as another attempt."""
    made = build_request(
        request.stage,
        request.engine,
        request.inputs,
        attempt_id="again",
        parameters=request.parameters,
    )
    store.write(made.request_key, made.to_json())
    return made


def start(store: ArtifactStore, request: StageRequest) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "model_images.runner", request.stage]
    return subprocess.Popen(
        [*command, "--request", request.request_key],
        env={**os.environ, "AIRDUB_STORE": store.url},
        stdout=subprocess.PIPE,
        text=True,
    )


def events(process: subprocess.Popen[str]) -> list[dict[str, Any]]:
    assert process.stdout is not None
    return [json.loads(line) for line in process.stdout]


def programs_on(store: ArtifactStore) -> list[int]:
    """Pids of ffmpeg processes that read or write in the store."""
    root = store.url.removeprefix("file://").encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes()
        except OSError:
            continue
        if command.startswith(b"ffmpeg\0") and root in command:
            found.append(int(process.name))
    return found


def wait_for_ffmpeg(store: ArtifactStore) -> None:
    limit = time.monotonic() + 30
    while not programs_on(store):
        assert time.monotonic() < limit, "the stage never started ffmpeg"
        time.sleep(0.01)


def assert_no_program_left(store: ArtifactStore) -> None:
    limit = time.monotonic() + 5
    while programs_on(store):
        assert time.monotonic() < limit, "ffmpeg outlived its stage"
        time.sleep(0.05)


def test_a_killed_stage_is_finished_by_a_retry_with_the_same_bytes(
    store: ArtifactStore, extraction: StageRequest, film: Path, tmp_path: Path
) -> None:
    with start(store, extraction) as process:
        wait_for_ffmpeg(store)
        process.kill()
    assert_no_program_left(store)
    assert read_result(store, extraction) is None
    retry = again(store, extraction)
    with start(store, retry) as process:
        lines = events(process)
    assert process.returncode == 0
    assert lines[-1] == {"event": "result", "key": retry.result_key, "adopted": False}
    result = read_result(store, retry)
    assert result is not None
    assert not store.list(extraction.attempt_key), "the killed attempt's files are still there"

    undisturbed = local_store(tmp_path / "undisturbed")
    chain = Chain.begin(film, ("en", "es"), undisturbed)
    chain.run("probe")
    expected = chain.run("extract_audio").result.outputs
    assert {name: ref.sha256 for name, ref in result.outputs.items()} == {
        name: ref.sha256 for name, ref in expected.items()
    }


def test_term_stops_cleanly_and_leaves_no_half_result(
    store: ArtifactStore, extraction: StageRequest
) -> None:
    with start(store, extraction) as process:
        wait_for_ffmpeg(store)
        process.send_signal(signal.SIGTERM)
        lines = events(process)
    assert process.returncode == 75
    assert lines[-1]["event"] == "error"
    assert lines[-1]["class"] == "TemporaryFailure"
    assert_no_program_left(store)
    assert not store.list(extraction.attempt_key)
    assert read_result(store, extraction) is None


def test_two_askers_at_once_compute_once(store: ArtifactStore, extraction: StageRequest) -> None:
    second = again(store, extraction)
    with start(store, extraction) as one, start(store, second) as other:
        adopted = [events(process)[-1]["adopted"] for process in (one, other)]
    assert (one.returncode, other.returncode) == (0, 0)
    assert sorted(adopted) == [False, True]


def test_progress_tells_how_long_it_will_take(
    store: ArtifactStore, extraction: StageRequest
) -> None:
    with start(store, extraction) as process:
        lines = [line for line in events(process) if line["event"] == "progress"]
    fractions = [line["fraction"] for line in lines]
    assert fractions == sorted(fractions)
    assert 0 < fractions[-1] <= 1
    assert all(line["eta_s"] >= 0 for line in lines)
    assert {line["unit"] for line in lines} != {""}


def test_bad_input_ends_with_65_and_says_what_to_do(tmp_path: Path, store: ArtifactStore) -> None:
    text = tmp_path / "notes.mp4"
    text.write_text("this is no film")
    request = Chain.begin(text, ("en", "es"), store).request("probe")
    store.write(request.request_key, request.to_json())
    with start(store, request) as process:
        error = events(process)[-1]
    assert process.returncode == 65
    assert (error["event"], error["class"]) == ("error", "InvalidInput")
    assert error["what"]
    assert error["where"]
    assert error["remedy"]


def test_an_absent_request_ends_with_65(store: ArtifactStore, extraction: StageRequest) -> None:
    store.delete(extraction.request_key)
    with start(store, extraction) as process:
        error = events(process)[-1]
    assert process.returncode == 65
    assert extraction.request_key in error["where"]
