"""Draining the queue: nothing is lost, nothing is started twice, and what ended is settled."""

from __future__ import annotations

import pytest
from airflow.sdk.exceptions import (
    AirflowRuntimeError,
    ErrorType,
)
from airflow.sdk.execution_time.comms import ErrorResponse

from airdub.catalog import Catalog
from airdub.drafts import order_key
from airdub.failures import FailureRecord, record_failure
from airdub.orders import DubOrder
from airdub.queue.documents import Quota, Request, RequestState, Rollout
from airdub.queue.runs import first_order
from tests.unit.airdub.catalog.judged import judgement
from tests.unit.airdub.catalog.queued import add_titles, wanted

from .conftest import Flow
from .queue_tasks import (
    LANGUAGE,
    Airflow,
    catalogue,
    claim,
    claimed,
    judge,
    planned,
    reconcile,
    start,
    state_of,
)


@pytest.fixture
def request_(flow: Flow) -> Request:
    """A request that is claimed, and was not started."""
    with catalogue() as catalog:
        return planned(catalog, "film")[0]


def test_a_claim_whose_claimer_was_killed_is_started_by_the_next_round(request_: Request) -> None:
    lost = reconcile(Airflow())
    assert lost == [request_.run_id]
    assert claim(lost) == lost
    asked = start(request_.run_id)
    assert (asked.trigger_dag_id, asked.dag_run_id) == ("dub_video", request_.run_id)
    assert (asked.logical_date, asked.skip_when_already_exists) == (None, True)
    order = DubOrder.parse(asked.conf or {})
    assert (order.title_id, order.source, order.attempt) == ("film", "/films/film.mp4", 1)
    assert (order.source_language, order.target_language) == ("en", LANGUAGE)
    assert state_of(request_)[0] is RequestState.RUNNING


def test_a_run_that_is_on_its_way_is_left_alone(request_: Request) -> None:
    for state in ("queued", "running"):
        assert reconcile(Airflow(**{request_.run_id: state})) == []
        assert state_of(request_)[0] is RequestState.RUNNING


def test_a_run_that_somebody_deleted_is_started_again_under_its_name(request_: Request) -> None:
    assert reconcile(Airflow(**{request_.run_id: "running"})) == []
    assert reconcile(Airflow()) == [request_.run_id]
    assert start(request_.run_id).dag_run_id == request_.run_id


def test_a_run_that_was_cleaned_away_after_its_end_is_what_it_became(request_: Request) -> None:
    judge(request_, "publish")
    with catalogue() as catalog:
        catalog.set_state("publication", request_.run_id, "published", was="pending")
    assert reconcile(Airflow()) == []
    assert state_of(request_)[0] is RequestState.PUBLISHED


@pytest.mark.parametrize(
    ("error", "state"), [("InvalidInput", RequestState.REFUSED), ("EngineFailed", "failed")]
)
def test_a_failed_run_tells_why(
    flow: Flow, request_: Request, error: str, state: RequestState
) -> None:
    record = FailureRecord(
        error=error, exit_code=65, what="it has no audio", where="film.mp4", try_number=1,
        max_tries=9,
    )  # fmt: skip
    record_failure(flow.store, request_.run_id, "prepare.probe", record)
    airflow = Airflow(**{request_.run_id: "failed"})
    airflow.failed[request_.run_id] = "prepare.probe"
    assert reconcile(airflow) == []
    assert state_of(request_) == (state, error, "film.mp4: it has no audio")


def test_a_repair_is_followed_and_a_repair_that_nobody_started_is_started(
    flow: Flow, request_: Request
) -> None:
    with catalogue() as catalog:
        order = first_order(request_, catalog.title("film"))
    flow.store.write(order_key(request_.run_id), order.to_json())
    judge(request_, "repair")
    repair_id = f"{request_.run_id}.a2"
    assert reconcile(Airflow(**{request_.run_id: "running"})) == []  # it is about to start it
    assert reconcile(Airflow(**{request_.run_id: "failed"})) == [repair_id]
    asked = start(repair_id)
    order = DubOrder.parse(asked.conf or {})
    assert (asked.dag_run_id, order.attempt, order.parent_run_id) == (
        repair_id, 2, request_.run_id,
    )  # fmt: skip
    assert order.repair is not None
    assert [line.segment_id for line in order.repair.lines] == ["s0002"]
    judge(request_, "quarantine", attempt=2)
    assert reconcile(Airflow(**{repair_id: "success"})) == []
    assert state_of(request_)[0] is RequestState.QUARANTINED


def test_what_waits_for_a_person_is_settled_by_his_answer(request_: Request) -> None:
    judge(request_, "review")
    reconcile(Airflow(**{request_.run_id: "success"}))
    assert state_of(request_)[0] is RequestState.IN_REVIEW
    with catalogue() as catalog:
        catalog.decide_review(request_.run_id, "reject", "ana", "the voice is wrong")
    reconcile(Airflow())
    assert state_of(request_)[::2] == (RequestState.QUARANTINED, "the voice is wrong")


def test_no_more_are_active_than_may_be(flow: Flow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRDUB_ACTIVE_DUBS", "3")
    names = [f"film-{number}" for number in range(5)]
    with catalogue() as catalog:
        add_titles(catalog, names)
        catalog.enqueue([wanted(name, LANGUAGE) for name in names], "test")
    first = claim()
    assert len(first) == 3
    assert claim() == []
    airflow = Airflow(**dict.fromkeys(first, "running"))
    reconcile(airflow)
    with catalogue() as catalog:
        catalog.record_judgement(judgement(first[0], "quarantine", run={"title_id": "film-0"}))
    reconcile(airflow)
    assert len(claim()) == 1


def test_a_quota_holds_the_claim_back(flow: Flow) -> None:
    with catalogue() as catalog:
        add_titles(catalog, ["a", "b"])
        catalog.enqueue([wanted(name, LANGUAGE) for name in ("a", "b")], "test")
        catalog.set_quota(Quota(scope="language:es", per_day=1))
    assert len(claim()) == 1
    assert claim() == []


def tried(catalog: Catalog, canaries: int, *names: str) -> list[Request]:
    """Requests of a plan that is tried on some titles; the canaries are claimed."""
    rollout = Rollout(plan_digest="plan", profile="embedded", language=LANGUAGE, canaries=canaries)
    catalog.begin_rollout(rollout)
    return claimed(catalog, *names)


def end(request: Request, state: str) -> None:
    with catalogue() as catalog:
        catalog.settle(request.request_id, state, was="claimed", reason="EngineFailed")


def test_a_plan_opens_once_its_canaries_are_published(flow: Flow) -> None:
    with catalogue() as catalog:
        one, other = tried(catalog, 2, "a", "b", "c", "d")
    end(one, "published")
    reconcile(Airflow(**{other.run_id: "running"}))
    assert claim() == []
    with catalogue() as catalog:
        catalog.settle(other.request_id, "published", was="running")
    reconcile(Airflow())
    assert len(claim()) == 2


def test_a_canary_that_is_not_wanted_any_more_does_not_hold_its_plan_for_ever(flow: Flow) -> None:
    with catalogue() as catalog:
        tried(catalog, 1, "a", "b", "c")
        catalog.enqueue([wanted("a", LANGUAGE, version="v2")], "library")
        one = catalog.requests(titles="a", state="claimed")[0]
        catalog.settle(one.request_id, "superseded", was="claimed")
    reconcile(Airflow())
    assert len(claim()) == 1


def test_a_plan_is_stopped_by_a_canary_that_was_not_published(flow: Flow) -> None:
    with catalogue() as catalog:
        one, other = tried(catalog, 2, "a", "b", "c", "d")
    end(one, "published")
    end(other, "failed")
    reconcile(Airflow())
    assert claim() == []
    with catalogue() as catalog:
        rollout = catalog.rollout("plan")
    assert (rollout.state, rollout.note) == ("stopped", "a canary was not published")


def test_the_queue_pauses_when_many_fail_for_one_reason_and_goes_on_when_told(flow: Flow) -> None:
    names = [f"film-{number}" for number in range(8)]
    with catalogue() as catalog:
        first = claimed(catalog, *names[:6])
        add_titles(catalog, names[6:])
        catalog.enqueue([wanted(name, LANGUAGE) for name in names[6:]], "test")
    for request in first:
        end(request, "failed")
    reconcile(Airflow())
    assert claim() == []
    with catalogue() as catalog:
        pause = catalog.open_pause()
        assert (pause.reason, pause.note) == ("EngineFailed", "6 of the last 6 dubs: 100%")
        catalog.resume("ana")
    reconcile(Airflow())  # the failures before that are known
    assert len(claim()) == 2


def test_what_airflow_cannot_tell_fails_the_round_and_settles_nothing(request_: Request) -> None:
    class Down(Airflow):
        def get_dr_count(self, dag_id: str, run_ids: list[str]) -> int:
            error = ErrorResponse(error=ErrorType.API_SERVER_ERROR, detail={"status_code": 500})
            raise AirflowRuntimeError(error)

    with pytest.raises(AirflowRuntimeError):
        reconcile(Down())
    assert state_of(request_)[0] is RequestState.CLAIMED
