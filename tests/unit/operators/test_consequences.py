"""The ends of a run do what the catalogue says, once, and wait for nobody."""

from __future__ import annotations

from typing import Any

import pytest
from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowSkipException, DagRunTriggerException

from airdub.catalog import open_catalog
from airdub.errors import InvalidInput
from airdub.gates import Consequence
from airdub.orders import DubOrder
from airdub.repair import LineRepair, RepairPlan
from airdub.settings import load_settings
from operators.consequences import (
    FollowVerdictOperator,
    QuarantineOperator,
    QueueReviewOperator,
    StartRepairOperator,
    follow_verdict_task,
)
from tests.unit.airdub.catalog.judged import judgement

from .conftest import Flow

TASKS = {consequence: f"judge.{consequence}" for consequence in Consequence}


def record(flow: Flow, consequence: Consequence, **changes: Any) -> None:
    with open_catalog(load_settings().catalog_url) as catalog:
        catalog.record_judgement(judgement(flow.run_id, consequence, **changes))


def asked_run(flow: Flow, operator: BaseOperator) -> DagRunTriggerException:
    """The run that the task asks Airflow for."""
    with pytest.raises(DagRunTriggerException) as asked:
        flow.run(operator)
    return asked.value


@pytest.mark.parametrize("consequence", Consequence)
def test_the_stored_consequence_is_followed(flow: Flow, consequence: Consequence) -> None:
    record(flow, consequence)
    flow.xcoms["release_gate"] = {"consequence": "publish"}  # not what is asked
    branch = FollowVerdictOperator(task_id="follow_verdict", tasks=TASKS)
    assert branch.choose_branch(flow.context("follow_verdict")) == f"judge.{consequence}"


def test_without_a_verdict_nothing_is_followed(flow: Flow) -> None:
    branch = FollowVerdictOperator(task_id="follow_verdict", tasks=TASKS)
    with pytest.raises(InvalidInput, match="no verdict"):
        branch.choose_branch(flow.context("follow_verdict"))


def test_every_consequence_needs_a_task() -> None:
    with pytest.raises(ValueError, match="quarantine"):
        follow_verdict_task({Consequence.PUBLISH: QuarantineOperator(task_id="publish")})


def test_a_repair_is_the_next_attempt_under_a_name_of_its_own(flow: Flow) -> None:
    record(flow, Consequence.REPAIR)
    asked = asked_run(flow, StartRepairOperator(task_id="start_repair"))
    assert (asked.trigger_dag_id, asked.dag_run_id) == ("dub_video", "run-1.a2")
    assert (asked.logical_date, asked.skip_when_already_exists) == (None, True)
    assert asked.note == "repairs s0002"
    order = DubOrder.parse(asked.conf or {})
    assert (order.attempt, order.parent_run_id) == (2, "run-1")
    assert order.repair is not None
    assert order.repair.lines[0].take == 1
    assert (order.title_id, order.source) == ("film", flow.params["source"])


def test_a_repair_of_many_lines_has_a_note_that_airflow_can_keep(flow: Flow) -> None:
    lines = tuple(
        LineRepair(segment_id=f"s{number:04}", take=1, metrics=("word_error_rate", "line_match"))
        for number in range(80)
    )
    plan = RepairPlan(attempt=2, based_on=flow.run_id, lines=lines)
    record(flow, Consequence.REPAIR, plan=plan)
    note = asked_run(flow, StartRepairOperator(task_id="start_repair")).note or ""
    assert note.startswith("repairs s0000 (word_error_rate, line_match); s0001 ")
    assert (len(note) <= 1000, note.endswith(" ...")) == (True, True)


def test_a_repair_that_was_started_is_started_again_under_the_same_name(flow: Flow) -> None:
    record(flow, Consequence.REPAIR)
    first = asked_run(flow, StartRepairOperator(task_id="start_repair"))
    again = asked_run(flow, StartRepairOperator(task_id="start_repair"))
    assert (again.dag_run_id, again.conf) == (first.dag_run_id, first.conf)
    with open_catalog(load_settings().catalog_url) as catalog:
        repair = catalog.repair("run-1")
    assert repair is not None
    assert repair.state == "started"


def test_a_repair_that_somebody_overtook_is_not_started(flow: Flow) -> None:
    record(flow, Consequence.REPAIR)
    flow.run_id = "run-2"
    record(flow, Consequence.REVIEW)
    flow.run_id = "run-1"
    with pytest.raises(AirflowSkipException, match="superseded"):
        flow.run(StartRepairOperator(task_id="start_repair"))


def test_a_review_is_shown_by_a_run_that_this_one_does_not_wait_for(flow: Flow) -> None:
    record(flow, Consequence.REVIEW)
    asked = asked_run(flow, QueueReviewOperator(task_id="q", review_dag_id="review_dub"))
    assert (asked.trigger_dag_id, asked.dag_run_id) == ("review_dub", "run-1.review")
    assert (asked.conf, asked.logical_date) == ({"run_id": "run-1"}, None)
    assert (asked.wait_for_completion, asked.skip_when_already_exists) == (False, True)


def test_a_queued_run_shows_further_reviews_too(flow: Flow) -> None:
    record(flow, Consequence.REVIEW)
    flow.queued = 1
    assert flow.run(QueueReviewOperator(task_id="q", review_dag_id="review_dub")) is None


def test_a_review_that_was_answered_asks_nobody(flow: Flow) -> None:
    record(flow, Consequence.REVIEW)
    with open_catalog(load_settings().catalog_url) as catalog:
        catalog.decide_review("run-1", "reject", "mia", "the voice is wrong")
    with pytest.raises(AirflowSkipException, match="reject"):
        flow.run(QueueReviewOperator(task_id="q", review_dag_id="review_dub"))


def test_a_quarantine_says_why(flow: Flow) -> None:
    record(flow, Consequence.QUARANTINE)
    reason = flow.run(QuarantineOperator(task_id="quarantine"))
    assert reason.startswith("word_error_rate of s0002 is 0.9")


@pytest.mark.parametrize(
    "operator",
    [
        StartRepairOperator(task_id="start_repair"),
        QueueReviewOperator(task_id="queue_review", review_dag_id="review_dub"),
        QuarantineOperator(task_id="quarantine"),
    ],
)
def test_what_the_catalogue_does_not_know_is_refused(flow: Flow, operator: BaseOperator) -> None:
    record(flow, Consequence.PUBLISH)
    with pytest.raises(InvalidInput, match="in the catalogue"):
        flow.run(operator)
