"""Waiting for somebody else's result ends when it is there, or when nobody makes it any more."""

from __future__ import annotations

import asyncio

import pytest
from airflow.triggers.base import TriggerEvent

from airdub.leases import Lease
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


def test_it_fires_when_the_result_is_there(flow: Flow) -> None:
    flow.store.write(f"{FOLDER}/result.json", b"{}")
    event = asyncio.run(first_event(ResultTrigger(flow.store.url, FOLDER)))
    assert event.payload == {"reason": "the result is there"}


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
