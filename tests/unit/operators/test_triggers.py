"""Waiting for somebody else's result ends when it is there, or when nobody makes it any more."""

from __future__ import annotations

import asyncio

import pytest
from airflow.triggers.base import TriggerEvent

from airdub.artifacts import ArtifactRef
from airdub.leases import Lease
from airdub.requests import EngineRef, Provenance, StageResult
from operators import triggers
from operators.triggers import ResultTrigger

from .conftest import Flow

FOLDER = "work/probe/ab/abcd"


async def first_event(trigger: ResultTrigger) -> TriggerEvent:
    async for event in trigger.run():
        return event
    raise AssertionError("the trigger ended without an event")


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(triggers, "_POLL_S", 0.05)


def test_it_fires_when_nobody_works_on_it(flow: Flow) -> None:
    event = asyncio.run(first_event(ResultTrigger(flow.store.url, FOLDER)))
    assert event.payload == {"reason": "nobody is making it any more"}


def result(*outputs: ArtifactRef) -> StageResult:
    return StageResult(
        stage="probe",
        fingerprint="abcd",
        outputs={ref.key: ref for ref in outputs},
        provenance=Provenance(engine=EngineRef(name="ffprobe", version="1")),
        wall_s=1,
    )


def test_it_fires_when_the_result_is_there(flow: Flow) -> None:
    flow.store.write(f"{FOLDER}/result.json", result().to_json())
    event = asyncio.run(first_event(ResultTrigger(flow.store.url, FOLDER)))
    assert event.payload == {"reason": "the result is there"}


def test_a_result_whose_files_are_gone_is_still_waited_for(flow: Flow) -> None:
    gone = ArtifactRef(key="gone.json", sha256="0", bytes=1, media_type="application/json")
    flow.store.write(f"{FOLDER}/result.json", result(gone).to_json())
    with Lease(flow.store, FOLDER) as lease:
        assert lease.acquire()
        with pytest.raises(TimeoutError):
            asyncio.run(asyncio.wait_for(first_event(ResultTrigger(flow.store.url, FOLDER)), 0.4))


@pytest.mark.parametrize("folder", [FOLDER, f"{FOLDER}/requests"])
def test_it_waits_while_somebody_works_on_it(flow: Flow, folder: str) -> None:
    async def wait_then_release() -> TriggerEvent:
        waiting = asyncio.create_task(first_event(ResultTrigger(flow.store.url, FOLDER)))
        await asyncio.sleep(0.3)
        assert not waiting.done()
        lease.release()
        return await asyncio.wait_for(waiting, 5)

    with Lease(flow.store, folder) as lease:
        assert lease.acquire()
        event = asyncio.run(wait_then_release())
    assert event.payload == {"reason": "nobody is making it any more"}


def test_it_can_be_made_again_from_what_airflow_keeps() -> None:
    path, arguments = ResultTrigger("file:///store", FOLDER).serialize()
    assert path == "operators.triggers.ResultTrigger"
    assert ResultTrigger(**arguments).output_key == FOLDER
