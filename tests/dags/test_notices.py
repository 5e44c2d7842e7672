"""No DAG forgets to tell: of tasks that fail, of runs that take too long, of a queue at rest."""

from __future__ import annotations

from datetime import timedelta

import pytest
from airflow.dag_processing.dagbag import DagBag

from airdub.settings import load_settings
from operators.notify import tell_failure, tell_refusal
from tests.airflow_home import PROJECT


@pytest.fixture(scope="module")
def bag() -> DagBag:
    return DagBag(PROJECT / "dags")


def test_every_task_tells_of_its_failure(bag: DagBag) -> None:
    tasks = [task for dag in bag.dags.values() for task in dag.tasks]
    silent = [f"{task.dag_id}.{task.task_id}" for task in tasks if not _callbacks(task)]
    assert silent == []
    assert len(tasks) > 20


def _callbacks(task: object) -> bool:
    kept = getattr(task, "partial_kwargs", {}) | vars(task)
    found = kept.get("on_failure_callback") or ()
    return tell_failure in (found if isinstance(found, list | tuple) else (found,))


def test_the_gate_tells_whom_it_refuses(bag: DagBag) -> None:
    gate = bag.dags["dub_video"].get_task("judge.release_gate")
    assert tell_refusal in gate.on_success_callback


def test_runs_that_take_too_long_are_told_of(bag: DagBag) -> None:
    (alert,) = bag.dags["dub_video"].deadline
    hours = load_settings().dub_hours
    assert alert.interval == timedelta(hours=hours)
    assert (alert.callback.path, alert.callback.kwargs) == (
        "operators.notify.tell_late",
        {"hours": hours},
    )


def test_the_queue_is_watched_after_it_was_reconciled(bag: DagBag) -> None:
    assert bag.dags["dispatch_dubs"].get_task("watch").upstream_task_ids == {"reconcile"}
