"""A batch's requests stand for themselves: one that fails, is taken or kills costs no other one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from airdub.artifacts import ArtifactStore
from airdub.batches import BatchOutcome, BatchRequest, build_batch
from airdub.engines import find_engine, resolve_engine
from airdub.errors import InvalidInput, TemporaryFailure
from airdub.leases import Lease, LeaseRecord
from airdub.requests import StageRequest, StageResult, build_request
from airdub.results import read_result
from airdub.stages import STAGES
from model_images.runner import running, stopping
from model_images.runner.batches import make_batch
from model_images.runner.context import StageContext
from model_images.runner.environment import detect
from tests.builders import stored

Stage = Callable[[StageContext], None]

NAMES = ("one", "two", "three")


@pytest.fixture
def films(store: ArtifactStore, tmp_path: Path) -> dict[str, StageRequest]:
    """A request for each of three films."""
    engine = resolve_engine("probe", "ffprobe", detect([find_engine("probe", "ffprobe")]))
    requests = {}
    for name in NAMES:
        (tmp_path / f"{name}.mp4").write_bytes(name.encode())
        source = stored(store, name, tmp_path / f"{name}.mp4")
        requests[name] = build_request("probe", engine, {"source": source}, attempt_id="planned")
    return requests


def batch_of(store: ArtifactStore, films: dict[str, StageRequest]) -> BatchRequest:
    batch = build_batch(list(films.values()), STAGES["probe"].resources, "warm-1")
    store.write(batch.request_key, batch.to_json())
    return batch


def make(store: ArtifactStore, batch: BatchRequest) -> bool:
    return make_batch(store, stage="probe", key=batch.request_key)[1]


def outcome(result: StageResult) -> BatchOutcome:
    return BatchOutcome.model_validate(result.measurements)


def echo(context: StageContext) -> None:
    """Gives the film itself as its facts; `two` is corrupt."""
    film = context.input("source").read_bytes()
    if film == b"two":
        raise InvalidInput("there is no video in it", where="two.mp4")
    context.output("facts", ".json").write_bytes(film)


def facts(store: ArtifactStore, request: StageRequest) -> bytes | None:
    result = read_result(store, request)
    return result and store.read(result.outputs["facts"].key)


def test_a_failed_one_does_not_fail_the_others(
    store: ArtifactStore, films: dict[str, StageRequest], use_stage: Callable[[Stage], None]
) -> None:
    use_stage(echo)
    batch = batch_of(store, films)
    assert make(store, batch) is False
    assert [facts(store, films[name]) for name in NAMES] == [b"one", None, b"three"]
    result = read_result(store, batch)
    assert result
    assert (result.n_scored, result.n_skipped) == (2, 1)
    failed = {films["two"].fingerprint: "InvalidInput: two.mp4: there is no video in it"}
    assert outcome(result) == BatchOutcome(failed=failed)
    assert {ref.key for ref in result.outputs.values()} == {
        films["one"].result_key,
        films["three"].result_key,
    }
    assert not store.list(f"{films['two'].output_key}/planned")


def test_a_batch_of_which_nothing_can_be_made_fails_as_its_first(
    store: ArtifactStore, films: dict[str, StageRequest], use_stage: Callable[[Stage], None]
) -> None:
    use_stage(echo)
    batch = batch_of(store, {"two": films["two"]})
    with pytest.raises(InvalidInput, match=r"two\.mp4"):
        make(store, batch)
    assert read_result(store, batch) is None


def test_what_is_there_is_adopted_and_what_is_taken_is_left(
    store: ArtifactStore, films: dict[str, StageRequest], use_stage: Callable[[Stage], None]
) -> None:
    use_stage(echo)
    running.complete(store, films["one"])
    with Lease(store, films["three"].output_key) as other:
        assert other.acquire()
        batch = batch_of(store, films)
        make(store, batch)
    result = read_result(store, batch)
    assert result
    assert outcome(result).adopted == (films["one"].fingerprint,)
    assert outcome(result).taken == (films["three"].fingerprint,)
    assert facts(store, films["three"]) is None


def test_a_second_process_goes_on_with_the_rest(
    store: ArtifactStore, films: dict[str, StageRequest], use_stage: Callable[[Stage], None]
) -> None:
    """The first is killed while it makes the second film; that one then comes last."""
    seen: list[bytes] = []

    def noted(context: StageContext) -> None:
        seen.append(context.input("source").read_bytes())
        context.output("facts", ".json").write_bytes(seen[-1])

    use_stage(noted)
    running.complete(store, films["one"])
    dead = LeaseRecord(machine="gone", pid=1, started="1", expires_at=0.0)
    store.write(f"{films['two'].output_key}/lease/000001.json", dead.to_json())
    make(store, batch_of(store, films))
    assert seen == [b"one", b"three", b"two"]


def test_attempts_of_two_processes_with_one_batch_never_meet(
    store: ArtifactStore, films: dict[str, StageRequest], use_stage: Callable[[Stage], None]
) -> None:
    keys = []
    use_stage(lambda context: (keys.append(context.request.attempt_key), echo(context))[1])
    batch = batch_of(store, {"one": films["one"]})
    make(store, batch)
    store.delete(films["one"].result_key)
    make(store, batch)
    assert len(set(keys)) == 2
    assert films["one"].attempt_key not in keys


@pytest.fixture
def unstopped() -> Iterator[None]:
    yield
    stopping.stopped.clear()


@pytest.mark.usefixtures("unstopped")
def test_a_stopped_process_begins_no_further_request(
    store: ArtifactStore, films: dict[str, StageRequest], use_stage: Callable[[Stage], None]
) -> None:
    def stops(context: StageContext) -> None:
        echo(context)
        stopping.stopped.set()  # and somebody caught the exception

    use_stage(stops)
    batch = batch_of(store, films)
    with pytest.raises(TemporaryFailure):
        make(store, batch)
    assert [facts(store, films[name]) for name in NAMES] == [b"one", None, None]
    assert read_result(store, batch) is None


def test_requests_that_are_not_what_they_say_fail_alone(
    store: ArtifactStore, films: dict[str, StageRequest], use_stage: Callable[[Stage], None]
) -> None:
    use_stage(echo)
    foreign = films["two"].engine.model_copy(update={"version": "99"})
    films["two"] = build_request("probe", foreign, films["two"].inputs, attempt_id="planned")
    films["three"] = films["three"].model_copy(update={"seed": 7})
    batch = batch_of(store, films)
    make(store, batch)
    result = read_result(store, batch)
    assert result
    told = list(outcome(result).failed.values())
    assert "another engine" in told[0]
    assert "fingerprint" in told[1]
    assert list(result.outputs) == [f"result/{films['one'].fingerprint}"]


def test_an_unreadable_batch_is_named(store: ArtifactStore) -> None:
    with pytest.raises(InvalidInput, match=r"nowhere\.json"):
        make_batch(store, stage="probe", key="nowhere.json")
