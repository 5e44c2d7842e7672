"""A review is shown, answered and followed; what is kept in the catalogue is what happens."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowSkipException, DagRunTriggerException, TaskDeferred

from airdub.artifacts import ArtifactStore
from airdub.catalog import Catalog, Decision, open_catalog
from airdub.drafts import order_key
from airdub.errors import InvalidInput
from airdub.orders import DubOrder
from airdub.settings import load_settings
from operators.consequences import next_order
from operators.review import AskReviewOperator, PickReviewOperator, ShowReviewsOperator
from operators.review_outcomes import (
    FollowReviewOperator,
    HoldBackOperator,
    RedoOperator,
    order_of,
)
from operators.review_text import REDO, REJECT, WAIVER
from tests.unit.airdub.catalog.judged import judgement

from .conftest import Flow

TASKS = {Decision.REDO: "redo", Decision.REJECT: "hold", Decision.TIMED_OUT: "hold"}
ANA = {"id": "7", "name": "Ana"}


class Supervisor:
    """Airflow's side of a task: keeps the questions."""

    def __init__(self) -> None:
        self.asked: list[Any] = []

    def send(self, msg: Any) -> None:
        """Take a message of the task."""
        assert type(msg).__name__ == "CreateHITLDetailPayload"
        self.asked.append(msg)


class Desk:
    """The tasks of one run of `review_dub`."""

    def __init__(self, flow: Flow, supervisor: Supervisor) -> None:
        self.flow = flow
        self.supervisor = supervisor
        self.alive = {"review.1"}
        self.queued = 0
        self.pick = PickReviewOperator(task_id="pick")
        self.ask = AskReviewOperator(task_id="ask", pick="pick")
        flow.run_id = "review.1"

    def context(self) -> Any:
        """As Airflow gives it."""
        context = self.flow.context("ask")
        context["ti"].id = uuid.UUID(int=1)
        context["ti"].get_dr_count = self.count
        return context

    def count(self, dag_id: str, states: list[str], run_ids: list[str] | None = None) -> int:
        """Runs of the DAG in these states."""
        if run_ids is None:
            return self.queued
        return len(self.alive & {*run_ids})

    def take(self) -> Any:
        """Run `pick`."""
        self.flow.xcoms["pick"] = self.pick.execute(self.context())
        return self.flow.xcoms["pick"]

    def wait(self) -> TaskDeferred:
        """Run `ask` up to its question."""
        with pytest.raises(TaskDeferred) as waiting:
            self.ask.execute(self.context())
        return waiting.value

    def answer(self, option: str, **words: str) -> str:
        """What Airflow resumes `ask` with when Ana answers."""
        event = {"chosen_options": [option], "params_input": words, "responded_by_user": ANA}
        return self.ask.answered(self.context(), event)

    def follow(self) -> str | None:
        """The task that the decision leads to."""
        branch = FollowReviewOperator(task_id="follow", pick="pick", tasks=TASKS)
        return branch.choose_branch(self.context())


@pytest.fixture
def catalog(flow: Flow, monkeypatch: pytest.MonkeyPatch) -> Iterator[Catalog]:
    """The catalogue, with a second attempt that waits for review; the first was better."""
    monkeypatch.delenv("AIRDUB_CATALOG", raising=False)
    with open_catalog(load_settings().catalog_url) as opened:
        opened.record_judgement(judgement("run", "repair"))
        opened.record_judgement(
            judgement("run.a2", "review", attempt=2, run={"parent_run_id": "run"},
                      best_run_id="run")
        )  # fmt: skip
        yield opened


@pytest.fixture
def desk(flow: Flow, catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> Desk:
    supervisor = Supervisor()
    monkeypatch.setattr(
        "airflow.sdk.execution_time.task_runner.SUPERVISOR_COMMS", supervisor, raising=False
    )
    order = DubOrder(
        title_id="the-tower", source="/film.mp4", source_language="en",
        target_language="es-419", attempt=2, parent_run_id="run",
    )  # fmt: skip
    store = ArtifactStore(load_settings().store_url)
    store.write(order_key("run.a2"), order.to_json())
    return Desk(flow, supervisor)


def test_the_question_is_about_the_best_attempt_and_waits_without_a_slot(desk: Desk) -> None:
    assert desk.take() == {"run_id": "run.a2", "best_run_id": "run"}
    waiting = desk.wait()
    [question] = desk.supervisor.asked
    assert "attempt 1" in question.subject
    assert "run_id=run&segment=s0002" in question.body
    assert question.options == [WAIVER, REDO, REJECT]
    assert question.defaults is None
    _, arguments = waiting.trigger.serialize()
    assert arguments["run_id"] == "run.a2"
    left = datetime.fromisoformat(arguments["deadline"]) - datetime.now(UTC)
    assert timedelta(days=13.9) < left < timedelta(days=14)
    assert "catalog" not in json.dumps(arguments)


def test_a_waiver_keeps_who_and_why_and_opens_the_publication(desk: Desk, catalog: Catalog) -> None:
    desk.take()
    assert desk.answer(WAIVER, why=" the hiss is in the source ", notes="") == "publish_with_waiver"
    [waiver] = catalog.waivers("run")
    assert (waiver.who, waiver.why) == ("Ana", "the hiss is in the source")
    publication = catalog.publication("run")
    assert publication is not None
    assert publication.state == "pending"


@pytest.mark.parametrize("option", [WAIVER, REJECT])
@pytest.mark.parametrize("words", [{}, {"why": "  "}, {"notes": "not a reason"}])
def test_without_a_reason_it_is_asked_again(
    desk: Desk, catalog: Catalog, option: str, words: dict[str, str]
) -> None:
    desk.take()
    with pytest.raises(TaskDeferred):
        desk.answer(option, **words)
    assert len(desk.supervisor.asked) == 1
    review = catalog.review("run.a2")
    assert review is not None
    assert review.state == "open"
    assert catalog.waivers("run") == []


def test_a_rejection_holds_the_dub_back(desk: Desk, catalog: Catalog) -> None:
    desk.take()
    assert desk.answer(REJECT, why="wrong voice") == "reject"
    assert desk.follow() == "hold"
    HoldBackOperator(task_id="hold", pick="pick").execute(desk.context())
    held = catalog.quarantine("run.a2")
    assert held is not None
    assert (held.state, held.reason) == ("held", "wrong voice")
    assert catalog.publication("run") is None


def test_a_redo_starts_the_next_attempt_once_with_the_notes(desk: Desk, catalog: Catalog) -> None:
    desk.take()
    assert desk.answer(REDO, notes="s0002 is mumbled") == "redo"
    assert desk.follow() == "redo"
    redo = RedoOperator(task_id="redo", pick="pick", dag_id="dub_video")
    for _ in range(2):  # killed after it was noted: the second try starts the same run
        with pytest.raises(DagRunTriggerException) as started:
            redo.execute(desk.context())
        assert (started.value.trigger_dag_id, started.value.dag_run_id) == ("dub_video", "run.a3")
        assert started.value.skip_when_already_exists
    conf = started.value.conf
    assert conf["source"] == "/film.mp4"
    assert (conf["attempt"], conf["parent_run_id"]) == (3, "run.a2")
    assert conf["repair"]["based_on"] == "run"
    assert [line["segment_id"] for line in conf["repair"]["lines"]] == ["s0002"]
    assert started.value.note == "Ana: s0002 is mumbled"
    repair = catalog.repair("run.a2")
    assert repair is not None
    assert repair.state == "started"


def test_a_second_redo_knows_what_the_first_one_tried(desk: Desk, catalog: Catalog) -> None:
    desk.take()
    desk.answer(REDO, notes="s0001 is mumbled")
    first = catalog.repair("run.a2")
    assert first is not None
    assert first.plan is not None
    order = order_of(desk.flow.store, "run.a2")
    tried = next_order(order, first)
    desk.flow.store.write(order_key("run.a3"), tried.to_json())
    later = {"parent_run_id": "run.a2"}
    catalog.record_judgement(judgement("run.a3", "review", attempt=3, run=later))
    desk.flow.run_id = "review.2"
    assert desk.take() == {"run_id": "run.a3", "best_run_id": "run.a3"}
    desk.answer(REDO, notes="s0001 is still mumbled")
    second = catalog.repair("run.a3")
    assert second is not None
    assert second.plan is not None
    assert (first.plan.line("s0001").take, second.plan.line("s0001").take) == (1, 2)
    assert second.plan.history[-1].lines == first.plan.lines


def test_a_newer_attempt_ends_the_question_and_nothing_follows(
    desk: Desk, catalog: Catalog
) -> None:
    desk.take()
    desk.wait()
    newer = {"parent_run_id": "run.a2"}
    catalog.record_judgement(judgement("run.a3", "publish", attempt=3, run=newer))
    assert desk.ask.answered(desk.context(), {"closed": "superseded"}) == "superseded"
    assert desk.follow() is None
    assert desk.ask.execute(desk.context()) == "superseded"


def test_an_answer_that_comes_too_late_publishes_nothing(desk: Desk, catalog: Catalog) -> None:
    desk.take()
    newer = {"parent_run_id": "run.a2"}
    catalog.record_judgement(judgement("run.a3", "quarantine", attempt=3, run=newer))
    assert desk.answer(WAIVER, why="it is fine") == "superseded"
    assert desk.follow() is None
    assert catalog.publication("run") is None
    assert catalog.waivers("run") == []


def test_time_leads_to_quarantine(desk: Desk, catalog: Catalog) -> None:
    desk.take()
    assert desk.ask.answered(desk.context(), {"timed_out": True}) == "timed_out"
    assert desk.follow() == "hold"
    held = catalog.quarantine("run.a2")
    assert held is not None
    assert held.reason == "nobody reviewed it in time"


def test_a_decision_is_not_asked_for_again(desk: Desk) -> None:
    desk.take()
    desk.answer(REJECT, why="noise")
    assert desk.take() == {"run_id": "run.a2", "best_run_id": "run"}
    assert desk.ask.execute(desk.context()) == "reject"
    assert desk.supervisor.asked == []


@pytest.mark.parametrize(
    "event",
    [
        {"chosen_options": [], "responded_by_user": ANA},
        {"chosen_options": ["Publish"], "responded_by_user": ANA},
        {"chosen_options": [WAIVER, REDO], "responded_by_user": ANA},
        {"chosen_options": [WAIVER], "responded_by_user": None, "params_input": {"why": "x"}},
    ],
)
def test_what_is_no_answer_decides_nothing(
    desk: Desk, catalog: Catalog, event: dict[str, Any]
) -> None:
    desk.take()
    with pytest.raises(InvalidInput):
        desk.ask.answered(desk.context(), event)
    review = catalog.review("run.a2")
    assert review is not None
    assert review.state == "open"


def test_nothing_waits_nothing_is_asked(desk: Desk, catalog: Catalog) -> None:
    catalog.decide_review("run.a2", "reject", "Ana", "noise")
    with pytest.raises(AirflowSkipException):
        desk.take()


def test_a_review_of_a_run_that_is_gone_is_shown_again(desk: Desk, catalog: Catalog) -> None:
    catalog.show_next_review("review.0")
    desk.alive.add("review.0")
    with pytest.raises(AirflowSkipException):
        desk.take()
    desk.alive.remove("review.0")
    assert desk.take()["run_id"] == "run.a2"


def test_a_run_is_started_for_what_no_run_is_there_for(desk: Desk, catalog: Catalog) -> None:
    catalog.record_judgement(judgement("left", "review", run={"title_id": "left"}))
    desk.take()
    more = ShowReviewsOperator(task_id="show_more", review_dag_id="review_dub")
    with pytest.raises(DagRunTriggerException) as started:
        more.execute(desk.context())
    assert started.value.trigger_dag_id == "review_dub"
    assert started.value.conf == {"run_id": "left"}
    assert started.value.dag_run_id.startswith("left.review.")
    desk.queued = 1
    with pytest.raises(AirflowSkipException):
        more.execute(desk.context())
    desk.queued = 0
    catalog.show_next_review("review.2")
    with pytest.raises(AirflowSkipException):
        more.execute(desk.context())
