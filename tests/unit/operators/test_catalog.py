"""An interval of dub_catalog enqueues its own titles, once, and as few as asked for first."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.utils.types import DagRunType

from airdub.catalog import open_catalog
from airdub.errors import InvalidInput
from airdub.queue.documents import RequestState, StandingOrder
from airdub.queue.selecting import Planner
from airdub.settings import load_settings
from operators.catalog import EnqueueOperator
from tests.unit.airdub.catalog.queued import add_titles, wanted

from .conftest import Flow

DAY = datetime(2026, 11, 18, tzinfo=UTC)


def ingested(flow: Flow, **times: str) -> None:
    """Titles by the time (UTC) of their ingest; wanted in Spanish, and some of them in Catalan."""
    with open_catalog(load_settings().catalog_url) as catalog:
        add_titles(catalog, times)
        catalog.order(StandingOrder(order_id="all", language="es", profile="embedded"))
        catalog.order(
            StandingOrder(
                order_id="some", titles="b*", language="ca", profile="embedded", priority=9
            )
        )
    with sqlite3.connect(flow.folder / "var" / "catalog.db") as connection:
        for name, time in times.items():
            values = (f"{time}.000000Z", name)
            connection.execute("UPDATE title SET ingested_at = ? WHERE title_id = ?", values)


def enqueue(start: datetime | None = DAY, run_type: str = "scheduled", **params: Any) -> Any:
    end = start + timedelta(days=1) if start else None
    context: Any = {
        "run_id": "day",
        "dag_run": SimpleNamespace(run_type=DagRunType(run_type)),
        "params": {"profile": None, "canaries": 0} | params,
        "data_interval_start": start,
        "data_interval_end": end,
    }
    return EnqueueOperator(task_id="enqueue").execute(context)


def queued() -> dict[tuple[str, str], str]:
    with open_catalog(load_settings().catalog_url) as catalog:
        return {(one.title_id, one.language): str(one.state) for one in catalog.requests()}


def test_the_titles_of_the_interval_are_enqueued_as_ordered(flow: Flow) -> None:
    ingested(
        flow,
        before="2026-11-17T22:59:59",
        a="2026-11-18T00:00:00",
        b="2026-11-18T23:59:59",
        after="2026-11-19T00:00:00",
    )
    assert enqueue() == {"lane": "dub_catalog 2026-11-18T00:00Z", "new": 3}
    waiting = str(RequestState.WAITING)
    assert queued() == dict.fromkeys([("a", "es"), ("b", "es"), ("b", "ca")], waiting)


def test_what_was_committed_late_is_found_by_the_next_interval(flow: Flow) -> None:
    ingested(flow, late="2026-11-17T23:59:59")
    assert enqueue()["new"] == 1


def test_what_an_interval_has_seen_is_not_asked_for_again_by_the_next_one(flow: Flow) -> None:
    ingested(flow, a="2026-11-17T23:30:00")
    with open_catalog(load_settings().catalog_url) as catalog:
        catalog.enqueue([wanted("a", "es", plan_digest="before an upgrade")], "yesterday")
    assert enqueue()["new"] == 0


@pytest.mark.parametrize("run_type", ["backfill", "manual"])
def test_a_backfill_is_about_its_days_alone(flow: Flow, run_type: str) -> None:
    ingested(flow, late="2026-11-17T23:59:59", a="2026-11-18T00:00:00")
    assert enqueue(run_type=run_type)["new"] == 1
    assert set(queued()) == {("a", "es")}


def test_what_was_missing_then_is_ingested_when_it_is_there_again(flow: Flow) -> None:
    times = {"a": "2026-11-18T10:00:00", "b": "2026-11-18T11:00:00"}
    ingested(flow, **times)
    with open_catalog(load_settings().catalog_url) as catalog:
        catalog.mark_missing("a")
    enqueue()
    assert {title_id for title_id, _ in queued()} == {"b"}
    with open_catalog(load_settings().catalog_url) as catalog:
        catalog.mark_missing("b")
        for title_id in ("a", "b"):
            catalog.mark_found(title_id)
        found = {one.title_id: one for one in catalog.titles()}
    assert found["b"].ingested_at.startswith(times["b"])
    assert found["a"].ingested_at > "2026-11-18T12"
    assert found["a"].missing_since == ""
    enqueue(datetime.fromisoformat(found["a"].ingested_at) - timedelta(hours=1))
    assert {title_id for title_id, _ in queued()} == {"a", "b"}


def test_the_same_interval_again_enqueues_nothing(flow: Flow) -> None:
    ingested(flow, a="2026-11-18T10:00:00")
    assert enqueue()["new"] == 1
    assert enqueue()["new"] == 0


def test_another_profile_may_be_asked_for(flow: Flow) -> None:
    ingested(flow, a="2026-11-18T10:00:00")
    enqueue(profile="release")
    with open_catalog(load_settings().catalog_url) as catalog:
        assert [one.profile for one in catalog.requests()] == ["release"]


def test_what_a_person_asked_for_by_another_profile_is_left_alone(flow: Flow) -> None:
    ingested(flow, a="2026-11-18T10:00:00", c="2026-11-18T11:00:00")
    with open_catalog(load_settings().catalog_url) as catalog:
        title = catalog.title("a")
        catalog.enqueue([Planner().request(title, "es", "release")], "request")
    assert enqueue()["new"] == 1
    with open_catalog(load_settings().catalog_url) as catalog:
        found = [(one.title_id, one.profile, one.state) for one in catalog.requests()]
    assert found == [("a", "release", "waiting"), ("c", "embedded", "waiting")]


def test_a_run_for_another_profile_is_a_person_s_wish(flow: Flow) -> None:
    ingested(flow, a="2026-11-18T10:00:00")
    enqueue(profile="release")
    assert enqueue()["new"] == 0
    enqueue(profile="embedded")
    with open_catalog(load_settings().catalog_url) as catalog:
        found = {one.profile: one.state for one in catalog.requests()}
    assert found == {"release": "superseded", "embedded": "waiting"}


def test_a_new_plan_is_tried_on_a_few_titles_of_each_language(flow: Flow) -> None:
    ingested(flow, **{f"b{n}": f"2026-11-18T1{n}:00:00" for n in range(4)})
    assert enqueue(canaries=1)["new"] == 8
    states = queued()
    for language in ("es", "ca"):
        of = [state for (_, spoken), state in states.items() if spoken == language]
        assert sorted(of) == ["held", "held", "held", "waiting"]


def test_a_plan_by_which_nothing_can_be_dubbed_is_not_tried(flow: Flow) -> None:
    ingested(flow, a="2026-11-18T10:00:00")
    with open_catalog(load_settings().catalog_url) as catalog:
        catalog.order(StandingOrder(order_id="no", language="fi", profile="embedded"))
    enqueue(canaries=1)
    with open_catalog(load_settings().catalog_url) as catalog:
        assert [one.language for one in catalog.rollouts("trying")] == ["es"]
        assert [one.state for one in catalog.requests(language="fi")] == [RequestState.REFUSED]


def test_a_plan_that_the_queue_knows_is_not_tried_again(flow: Flow) -> None:
    ingested(flow, a="2026-11-18T10:00:00", c="2026-11-19T10:00:00")
    enqueue()
    enqueue(DAY + timedelta(days=1), canaries=1)
    assert set(queued().values()) == {"waiting"}


def test_a_run_by_hand_has_no_interval(flow: Flow) -> None:
    with pytest.raises(InvalidInput, match="no interval of time"):
        enqueue(None)
