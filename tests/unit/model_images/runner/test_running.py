"""The runner commits once, adopts the winner, and leaves nothing behind when a stage fails."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from airdub.artifacts import ArtifactStore
from airdub.engines import find_engine, resolve_engine
from airdub.errors import (
    EngineFailed,
    InvalidInput,
)
from airdub.requests import EngineRef, StageRequest, build_request
from airdub.results import read_result
from model_images.runner.context import StageContext
from model_images.runner.environment import detect
from model_images.runner.running import (
    _remove_dead_attempts,
    attempt,
    commit,
    complete,
    load_request,
)
from tests.builders import stored

Stage = Callable[[StageContext], None]


def request_in(store: ArtifactStore, tmp_path: Path, attempt_id: str = "one") -> StageRequest:
    source = tmp_path / "film.mp4"
    source.write_bytes(b"film")
    engine = resolve_engine("probe", "ffprobe", detect([find_engine("probe", "ffprobe")]))
    inputs = {"source": stored(store, "source", source)}
    request = build_request("probe", engine, inputs, attempt_id=attempt_id)
    store.write(request.request_key, request.to_json())
    return request


def writes_facts(context: StageContext) -> None:
    context.output("facts", ".json").write_bytes(context.input("source").read_bytes() + b"!")
    context.measure("frames", 3)
    context.warn("odd")
    context.count(n_scored=2, n_skipped=1)


def test_a_stage_runs_once_and_then_is_adopted(
    store: ArtifactStore, tmp_path: Path, use_stage: Callable[[Stage], None]
) -> None:
    runs: list[int] = []
    use_stage(lambda context: (runs.append(1), writes_facts(context))[1])
    request = request_in(store, tmp_path)
    assert complete(store, request) is False
    result = read_result(store, request)
    assert result is not None
    assert store.read(result.outputs["facts"].key) == b"film!"
    assert result.measurements == {"frames": 3}
    assert (result.n_scored, result.n_skipped, result.warnings) == (2, 1, ("odd",))
    assert complete(store, request_in(store, tmp_path, "two")) is True
    assert len(runs) == 1
    assert not store.list(f"{request.output_key}/two")


def test_many_askers_compute_once(
    store: ArtifactStore, tmp_path: Path, use_stage: Callable[[Stage], None]
) -> None:
    runs: list[int] = []
    use_stage(lambda context: (runs.append(1), writes_facts(context))[1])
    requests = [request_in(store, tmp_path, f"a{number}") for number in range(5)]
    adopted: list[bool] = []
    askers = [
        threading.Thread(target=lambda r=request: adopted.append(complete(store, r)))
        for request in requests
    ]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert len(runs) == 1
    assert sorted(adopted) == [False, True, True, True, True]


def test_the_loser_of_a_race_adopts_the_winners_result(
    store: ArtifactStore, tmp_path: Path, use_stage: Callable[[Stage], None]
) -> None:
    use_stage(writes_facts)
    first, second = request_in(store, tmp_path, "one"), request_in(store, tmp_path, "two")
    results = [attempt(store, first), attempt(store, second)]
    assert commit(store, second, results[1])
    assert not commit(store, first, results[0])
    assert read_result(store, first) == results[1]
    assert not store.list(f"{first.output_key}/one")


def test_a_result_whose_outputs_are_gone_is_made_again(
    store: ArtifactStore, tmp_path: Path, use_stage: Callable[[Stage], None]
) -> None:
    use_stage(writes_facts)
    request = request_in(store, tmp_path)
    complete(store, request)
    result = read_result(store, request)
    assert result is not None
    store.delete(result.outputs["facts"].key)
    assert read_result(store, request) is None
    assert complete(store, request_in(store, tmp_path, "two")) is False
    assert read_result(store, request) is not None


def test_a_failed_stage_leaves_nothing(
    store: ArtifactStore, tmp_path: Path, use_stage: Callable[[Stage], None]
) -> None:
    def fails(context: StageContext) -> None:
        writes_facts(context)
        (context.scratch / "big.pcm").write_bytes(b"0" * 1000)
        raise InvalidInput("no audio stream")

    use_stage(fails)
    request = request_in(store, tmp_path)
    with pytest.raises(InvalidInput):
        complete(store, request)
    assert not store.list(request.attempt_key)
    assert not store.exists(request.result_key)


def test_what_a_killed_attempt_left_is_removed(
    store: ArtifactStore, tmp_path: Path, use_stage: Callable[[Stage], None]
) -> None:
    use_stage(writes_facts)
    request = request_in(store, tmp_path)
    store.write(f"{request.output_key}/killed/outputs/facts.json", b"half")
    complete(store, request)
    assert not store.list(f"{request.output_key}/killed")


def test_what_a_committed_result_refers_to_is_never_removed(
    store: ArtifactStore, tmp_path: Path, use_stage: Callable[[Stage], None]
) -> None:
    winner = request_in(store, tmp_path, "winner")

    def loses_its_lease(context: StageContext) -> None:
        writes_facts(context)
        if context.request.attempt_key.endswith("/slow"):
            use_stage(writes_facts)
            assert commit(store, winner, attempt(store, winner))
            _remove_dead_attempts(store, context.request)

    use_stage(loses_its_lease)
    assert complete(store, request_in(store, tmp_path, "slow")) is True
    result = read_result(store, winner)
    assert result is not None
    assert "/winner/" in result.outputs["facts"].key


def test_a_missing_required_output_is_the_stages_fault(
    store: ArtifactStore, tmp_path: Path, use_stage: Callable[[Stage], None]
) -> None:
    use_stage(lambda context: None)
    with pytest.raises(EngineFailed, match="facts"):
        complete(store, request_in(store, tmp_path))


def test_a_request_for_other_versions_is_refused(store: ArtifactStore, tmp_path: Path) -> None:
    request = request_in(store, tmp_path)
    assert load_request(store, "probe", request.request_key) == request
    other = EngineRef(name="ffprobe", version="1", programs={"ffmpeg": "99"})
    foreign = build_request("probe", other, request.inputs, attempt_id="x")
    store.write(foreign.request_key, foreign.to_json())
    with pytest.raises(InvalidInput, match="99"):
        load_request(store, "probe", foreign.request_key)


@pytest.mark.parametrize(
    "damage",
    [
        lambda request: request.model_copy(update={"fingerprint": "0" * 64}),
        lambda request: request.model_copy(update={"seed": 7}),
        lambda request: request.model_copy(update={"stage": "mux"}),
    ],
)
def test_a_tampered_request_is_refused(
    store: ArtifactStore, tmp_path: Path, damage: Callable[[StageRequest], StageRequest]
) -> None:
    request = request_in(store, tmp_path)
    store.write("bad.json", damage(request).to_json())
    with pytest.raises(InvalidInput, match="fingerprint"):
        load_request(store, "probe", "bad.json")


def test_unreadable_requests_are_named(store: ArtifactStore) -> None:
    with pytest.raises(InvalidInput, match=r"nowhere\.json"):
        load_request(store, "probe", "nowhere.json")
    store.write("text.json", b"not json")
    with pytest.raises(InvalidInput, match=r"text\.json"):
        load_request(store, "probe", "text.json")
