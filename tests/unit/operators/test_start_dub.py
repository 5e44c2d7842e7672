"""A run is started by the version and the plan of now, whatever its request waited by."""

from __future__ import annotations

import pytest
from airflow.sdk.exceptions import AirflowSkipException

from airdub.orders import DubOrder
from airdub.queue.documents import Quota, Request, RequestState, Rollout
from airdub.queue.selecting import planned_anew
from operators.start_dub import StartDubOperator

from .conftest import Flow
from .queue_tasks import Airflow, catalogue, claimed, judge, planned, reconcile, start, state_of


@pytest.fixture
def request_(flow: Flow) -> Request:
    """A request that is claimed, and was not started."""
    with catalogue() as catalog:
        return planned(catalog, "film")[0]


@pytest.fixture
def older(flow: Flow) -> Request:
    """A request that is claimed, by a plan that an upgrade has changed since."""
    with catalogue() as catalog:
        catalog.set_quota(Quota(scope="all", per_day=9))
        return claimed(catalog, "film")[0]


def upgraded(request: Request) -> Request:
    """What the request is by the plan of now."""
    with catalogue() as catalog:
        return planned_anew(request, catalog.title(request.title_id))


def change_film() -> None:
    """A scan finds another version of it."""
    with catalogue() as catalog:
        title = catalog.title("film")
        version = catalog.source_version("film", title.version)
        changed = version.model_copy(update={"version": "v2"})
        catalog.register(title.model_copy(update={"version": "v2"}), changed)


def skipped(request: Request) -> str:
    """Why no run was started."""
    operator = StartDubOperator(task_id="start", run_id=request.run_id, dub_dag_id="dub_video")
    with pytest.raises(AirflowSkipException) as why:
        operator.execute({"run_id": "tick"})  # type: ignore[typeddict-item]
    return str(why.value)


def test_a_request_that_cannot_be_read_as_running_is_not_started(request_: Request) -> None:
    with catalogue() as catalog:
        catalog.settle(request_.request_id, "waiting", was="claimed")
        catalog.cancel(request_.request_id)
    assert "nobody wants it" in skipped(request_)


def test_a_title_that_changed_since_it_was_claimed_is_not_dubbed_as_it_was(
    request_: Request,
) -> None:
    change_film()
    assert "another version" in skipped(request_)
    assert state_of(request_)[0] is RequestState.SUPERSEDED


def test_nor_is_it_repaired_when_the_repair_was_lost(request_: Request) -> None:
    start(request_.run_id)
    judge(request_, "repair")
    assert reconcile(Airflow(**{request_.run_id: "success"})) == [f"{request_.run_id}.a2"]
    change_film()
    repair = request_.model_copy(update={"run_id": f"{request_.run_id}.a2"})
    assert "another version" in skipped(repair)
    assert state_of(request_)[0] is RequestState.SUPERSEDED


def test_what_waited_by_an_older_plan_is_dubbed_by_the_plan_of_now(older: Request) -> None:
    new = upgraded(older)
    asked = start(older.run_id)
    assert asked.dag_run_id == new.run_id != older.run_id
    assert DubOrder.parse(asked.conf or {}).title_id == "film"
    assert state_of(older)[0] is RequestState.SUPERSEDED
    with catalogue() as catalog:
        running = catalog.request(new.request_id)
        assert (running.state, running.lane) == (RequestState.RUNNING, older.lane)
        assert [use.used for use in catalog.quota_use()] == [1]  # it is one dub
        assert catalog.enqueue([new], "a backfill after the upgrade") == 0
    assert reconcile(Airflow(**{new.run_id: "running"})) == []


def test_a_run_that_was_lost_before_an_upgrade_is_started_by_the_plan_of_now(
    older: Request,
) -> None:
    assert reconcile(Airflow(**{older.run_id: "running"})) == []
    assert reconcile(Airflow()) == [older.run_id]
    assert start(older.run_id).dag_run_id == upgraded(older).run_id


def test_a_claimer_killed_after_it_planned_anew_is_followed(older: Request) -> None:
    with catalogue() as catalog:
        new = catalog.replan(older, upgraded(older))
    assert "nobody wants it" in skipped(older)
    assert reconcile(Airflow()) == [new.run_id]
    assert start(new.run_id).dag_run_id == new.run_id


def test_what_waited_by_an_older_plan_is_held_while_the_new_one_is_tried(older: Request) -> None:
    new = upgraded(older)
    with catalogue() as catalog:
        catalog.begin_rollout(
            Rollout(plan_digest=new.plan_digest, profile="embedded", language="es", canaries=0)
        )
    assert "by the plan of now it is held" in skipped(older)
    assert state_of(older)[0] is RequestState.SUPERSEDED
    assert state_of(new)[0] is RequestState.HELD


def test_what_the_upgrade_has_dubbed_already_is_not_dubbed_again(older: Request) -> None:
    new = upgraded(older)
    with catalogue() as catalog:
        catalog.enqueue([new], "a backfill")
        catalog.settle(new.request_id, "published", was="waiting")
    assert "by the plan of now it is published" in skipped(older)
    assert state_of(older)[0] is RequestState.SUPERSEDED


def test_a_profile_that_is_gone_refuses_what_waited_by_it(older: Request) -> None:
    with catalogue() as catalog:
        catalog._database.connection.execute("UPDATE dub_request SET profile = 'gold'")
    assert "gold" in skipped(older)
    state, reason, note = state_of(older)
    assert (state, reason) == (RequestState.REFUSED, "InvalidInput")
    assert "gold" in note
