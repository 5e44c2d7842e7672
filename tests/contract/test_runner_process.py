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
from airdub.batches import BatchOutcome, BatchRequest, build_batch
from airdub.requests import StageRequest, build_request
from airdub.results import read_result
from airdub.stages import STAGES
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
    return subprocess.Popen(
        [sys.executable, "-m", "model_images.runner", *request.arguments],
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


def batch_of(store: ArtifactStore, *requests: StageRequest) -> BatchRequest:
    batch = build_batch(requests, STAGES["extract_audio"].resources, "warm-1")
    store.write(batch.request_key, batch.to_json())
    return batch


@pytest.fixture
def others(film: Path, store: ArtifactStore, tmp_path: Path) -> list[StageRequest]:
    """Requests for a film that is corrupt behind its first second, and for two short films."""
    made = []
    for name, seconds in (("first", "1"), ("corrupt", "2"), ("last", "3")):
        short = tmp_path / f"{name}.mp4"
        cut = ["ffmpeg", "-v", "error", "-i", str(film), "-t", seconds, "-c", "copy", str(short)]
        subprocess.run(cut, check=True)
        chain = Chain.begin(short, ("en", "es"), store)
        chain.run("probe")
        made.append(chain.request("extract_audio"))
    store.write(made[1].inputs["source"].key, b"\0" * made[1].inputs["source"].bytes)
    return made


def test_a_batch_is_one_process_and_a_corrupt_film_fails_alone(
    store: ArtifactStore, others: list[StageRequest]
) -> None:
    batch = batch_of(store, *others)
    with start(store, batch) as process:
        lines = events(process)
    assert process.returncode == 0
    assert lines[-1] == {"event": "result", "key": batch.result_key, "adopted": False}
    assert [read_result(store, one) is not None for one in others] == [True, False, True]
    result = read_result(store, batch)
    assert result
    failed = BatchOutcome.model_validate(result.measurements).failed
    assert list(failed) == [others[1].fingerprint]
    (told,) = (one["message"] for one in lines if one.get("level") == "error")
    assert "InvalidInput" in told
    assert others[1].inputs["source"].key in told


def test_a_killed_batch_keeps_what_it_made_and_another_process_does_the_rest(
    store: ArtifactStore, extraction: StageRequest, others: list[StageRequest]
) -> None:
    batch = batch_of(store, others[0], extraction, others[2])
    with start(store, batch) as process:
        while read_result(store, others[0]) is None:
            time.sleep(0.01)
        wait_for_ffmpeg(store)
        process.kill()
    assert_no_program_left(store)
    assert read_result(store, extraction) is None
    made = read_result(store, others[0])
    with start(store, batch) as process:
        lines = events(process)
    assert process.returncode == 0
    assert read_result(store, others[0]) == made
    assert read_result(store, extraction)
    assert read_result(store, others[2])
    assert not store.list(extraction.attempt_key)
    begun = [one["message"] for one in lines if "work/extract_audio" in one.get("message", "")]
    assert extraction.output_key in begun[-1], "what the first process died of comes last"


def test_term_ends_a_batch_at_once(
    store: ArtifactStore, extraction: StageRequest, others: list[StageRequest]
) -> None:
    with start(store, batch_of(store, extraction, others[0])) as process:
        wait_for_ffmpeg(store)
        process.send_signal(signal.SIGTERM)
        lines = events(process)
    assert (process.returncode, lines[-1]["class"]) == (75, "TemporaryFailure")
    assert_no_program_left(store)
    assert read_result(store, others[0]) is None
