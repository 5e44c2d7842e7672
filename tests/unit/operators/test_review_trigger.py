"""Waiting ends when the review is closed or time is over, and not when the catalogue is away."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from airdub.catalog import Catalog, open_catalog
from airdub.settings import load_settings
from operators import review_trigger
from operators.review_trigger import ReviewTrigger
from tests.unit.airdub.catalog.judged import judgement

TI_ID = UUID(int=1)


class Airflow:
    """Airflow's side of the trigger: knows whether somebody answered."""

    def __init__(self) -> None:
        self.given: dict[str, Any] = {}

    def send(self, msg: Any) -> Any:
        """Answer the one question that the trigger has."""
        assert (type(msg).__name__, msg.ti_id) == ("GetHITLDetailResponse", TI_ID)
        person = SimpleNamespace(id="7", name="Ana")
        return SimpleNamespace(
            response_received=bool(self.given),
            responded_by_user=person if self.given else None,
            **(self.given or {"chosen_options": None, "params_input": None}),
        )


@pytest.fixture
def airflow(monkeypatch: pytest.MonkeyPatch) -> Airflow:
    made = Airflow()
    monkeypatch.setattr(
        "airflow.sdk.execution_time.task_runner.SUPERVISOR_COMMS", made, raising=False
    )
    return made


@pytest.fixture
def catalog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, airflow: Airflow) -> Iterator[Catalog]:
    monkeypatch.setenv("AIRDUB_VAR", str(tmp_path))
    monkeypatch.delenv("AIRDUB_CATALOG", raising=False)
    monkeypatch.setattr(review_trigger, "_POLL_S", 0.01)
    with open_catalog(load_settings().catalog_url) as opened:
        opened.record_judgement(judgement("run", "review"))
        yield opened


def fired(days_left: float, *, within_s: float = 5, run_id: str = "run") -> Any:
    """What the trigger says; None when it goes on waiting."""
    deadline = datetime.now(UTC) + timedelta(days=days_left)

    async def first() -> Any:
        async for event in ReviewTrigger(run_id, deadline.isoformat(), str(TI_ID)).run():
            return event.payload
        return None

    try:
        return asyncio.run(asyncio.wait_for(first(), within_s))
    except TimeoutError:
        return None


def test_it_waits_as_long_as_the_review_is_open(catalog: Catalog) -> None:
    assert fired(1, within_s=0.3) is None


def test_an_answer_that_came_before_the_wait_is_heard(catalog: Catalog, airflow: Airflow) -> None:
    airflow.given = {"chosen_options": ["Reject"], "params_input": {"why": "noise"}}
    assert fired(1) == {
        "chosen_options": ["Reject"],
        "params_input": {"why": "noise"},
        "responded_by_user": {"id": "7", "name": "Ana"},
    }


def test_a_newer_attempt_ends_the_wait(catalog: Catalog) -> None:
    catalog.record_judgement(
        judgement("run.a2", "publish", attempt=2, run={"parent_run_id": "run"})
    )
    assert fired(1) == {"closed": "superseded"}


def test_so_does_the_deadline_and_a_decision_counts_more(catalog: Catalog) -> None:
    assert fired(-1) == {"timed_out": True}
    catalog.decide_review("run", "reject", "Ana", "noise")
    assert fired(-1) == {"closed": "reject"}


def test_a_review_that_is_gone_ends_it(catalog: Catalog) -> None:
    assert fired(1, run_id="other") == {"closed": "gone"}


def test_a_catalogue_that_is_away_is_waited_for(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRDUB_CATALOG", "postgresql://airdub@127.0.0.1:1/catalog")
    assert fired(1, within_s=0.3) is None
    monkeypatch.delenv("AIRDUB_CATALOG")
    catalog.decide_review("run", "reject", "Ana", "noise")
    assert fired(1) == {"closed": "reject"}


def test_airflow_makes_it_anew_from_what_it_keeps() -> None:
    name, arguments = ReviewTrigger("run", "2026-11-21T00:00:00+00:00", str(TI_ID)).serialize()
    module, _, kind = name.rpartition(".")
    assert (module, kind) == (ReviewTrigger.__module__, "ReviewTrigger")
    assert ReviewTrigger(**arguments).serialize() == (name, arguments)
