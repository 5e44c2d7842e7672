"""Tasks of dispatch_dubs, run one by one beside an Airflow that tells of other runs."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk import DagRunState
from airflow.sdk.exceptions import DagRunTriggerException

from airdub.catalog import Catalog, open_catalog
from airdub.queue.documents import Request, RequestState
from airdub.queue.selecting import Planner
from airdub.settings import load_settings
from operators.dispatch import ClaimOperator, ReconcileOperator
from operators.start_dub import StartDubOperator
from tests.unit.airdub.catalog.judged import judgement
from tests.unit.airdub.catalog.queued import add_titles, wanted

from .conftest import TaskInstance

LANGUAGE = "es-419"


class Airflow(TaskInstance):
    """A task instance that knows the states of other runs, as Airflow's API tells them.

    Attributes:
        runs: state by run id.
        failed: task that failed by run id.
    """

    def __init__(self, **runs: str) -> None:
        super().__init__("reconcile", {})
        self.runs = runs
        self.failed: dict[str, str] = {}

    def get_dr_count(self, dag_id: str, run_ids: list[str]) -> int:
        """How many of the runs there are."""
        assert dag_id == "dub_video"
        return sum(run_id in self.runs for run_id in run_ids)

    def get_dagrun_state(self, dag_id: str, run_id: str) -> DagRunState:
        """The state."""
        return DagRunState(self.runs[run_id])

    def get_task_states(self, dag_id: str, run_ids: list[str]) -> dict[str, dict[str, str]]:
        """States of tasks by run id."""
        return {
            run_id: {self.failed[run_id]: "failed", "judge.publish": "upstream_failed"}
            for run_id in run_ids
            if run_id in self.failed
        }


def catalogue() -> Any:
    return open_catalog(load_settings().catalog_url)


def reconcile(airflow: Airflow) -> list[str]:
    operator = ReconcileOperator(task_id="reconcile", dub_dag_id="dub_video")
    return operator.execute({"ti": airflow, "run_id": "tick"})  # type: ignore[typeddict-item]


def claim(lost: list[str] | None = None) -> list[str]:
    ti = TaskInstance("claim", {"reconcile": lost or []})
    context: Any = {"ti": ti, "run_id": "tick"}
    return ClaimOperator(task_id="claim", lost="reconcile").execute(context)


def start(run_id: str) -> DagRunTriggerException:
    operator = StartDubOperator(task_id="start", run_id=run_id, dub_dag_id="dub_video")
    with pytest.raises(DagRunTriggerException) as asked:
        operator.execute({"ti": SimpleNamespace(), "run_id": "tick"})  # type: ignore[typeddict-item]
    return asked.value


def claimed(catalog: Catalog, *names: str) -> list[Request]:
    add_titles(catalog, names)
    catalog.enqueue([wanted(name, LANGUAGE) for name in names], "test")
    return catalog.claim(len(names))


def planned(catalog: Catalog, *names: str) -> list[Request]:
    """Claimed requests of titles by the plan of now."""
    add_titles(catalog, names)
    titles = (catalog.title(name) for name in names)
    catalog.enqueue([Planner().request(one, LANGUAGE, "embedded") for one in titles], "test")
    return catalog.claim(len(names))


def state_of(request: Request) -> tuple[RequestState, str, str]:
    with catalogue() as catalog:
        found = catalog.request(request.request_id)
    return found.state, found.reason, found.note


def judge(request: Request, consequence: str, attempt: int = 1) -> None:
    run: dict[str, Any] = {"title_id": request.title_id}
    run_id = request.run_id if attempt == 1 else f"{request.run_id}.a{attempt}"
    if attempt > 1:
        run["parent_run_id"] = request.run_id
    with catalogue() as catalog:
        catalog.record_judgement(judgement(run_id, consequence, attempt=attempt, run=run))
