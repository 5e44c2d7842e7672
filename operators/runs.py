"""What Airflow says of other runs, asked through the task's own API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import DagRunState

from airdub.failures import FailureRecord, failures
from airdub.queue.settling import GONE

if TYPE_CHECKING:
    from airdub.artifacts import ArtifactStore


class DubRuns:
    """The runs of one DAG, as a task sees them.

    Args:
        ti: the task instance that asks.
        dag_id: of the DAG.
        store: that holds what failed tries have said.
    """

    def __init__(self, ti: Any, dag_id: str, store: ArtifactStore) -> None:
        self._ti = ti
        self._dag_id = dag_id
        self._store = store

    def state(self, run_id: str) -> str:
        """`queued`, `running`, `success` or `failed`; `GONE` when there is no such run."""
        if not self._ti.get_dr_count(dag_id=self._dag_id, run_ids=[run_id]):
            return GONE
        state = self._ti.get_dagrun_state(dag_id=self._dag_id, run_id=run_id)
        return DagRunState(state).value

    def failure(self, run_id: str) -> FailureRecord | None:
        """What ended a failed run: the last word of a task of it that failed."""
        tasks = self._ti.get_task_states(dag_id=self._dag_id, run_ids=[run_id]).get(run_id, {})
        for task_id in sorted(task for task, state in tasks.items() if state == "failed"):
            if told := failures(self._store, run_id, task_id):
                return told[-1]
        return None
