"""Deleting pods that nobody waits for."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from airflow.sdk import BaseOperator

from airdub.settings import load_settings
from operators.pods.cluster import Cluster, utc_now
from operators.pods.identity import TaskIdentity, selector
from operators.pods.sweeping import orphans

if TYPE_CHECKING:
    from airflow.sdk import Context


class SweepPodsOperator(BaseOperator):
    """Deletes stages' pods whose tasks are over or gone; returns their names.

    Retries and clears tidy up after themselves; this is for what they can't: a task that failed
    for good while the cluster did not answer, a worker and a triggerer that died with their task.
    """

    def execute(self, context: Context) -> list[str]:
        """Look at every pod once."""
        from airflow.providers.cncf.kubernetes.hooks.kubernetes import KubernetesHook

        settings = load_settings().pods
        hook = KubernetesHook(conn_id=settings.connection)
        cluster = Cluster(hook.core_v1_client, settings.namespace)
        keep = timedelta(hours=settings.keep_hours)
        swept = orphans(cluster.pods(selector()), task_state, utc_now(), keep)
        for orphan in swept:
            self.log.info("Deleting pod %s: %s", orphan.name, orphan.why)
            cluster.delete(orphan.name, lost=orphan.lost)
        return [orphan.name for orphan in swept]


def task_state(task: TaskIdentity) -> str | None:
    """Airflow's state of a task; `none` before it has one, None when there is no such task."""
    from airflow.sdk.execution_time.task_runner import RuntimeTaskInstance

    states = RuntimeTaskInstance.get_task_states(
        dag_id=task.dag_id, task_ids=[task.task_id], run_ids=[task.run_id], map_index=task.map_index
    ).get(task.run_id, {})
    if not states:
        return None
    [state] = states.values()
    return str(state) if state else "none"
