"""Delete stages' pods that nobody waits for any more.

Every quarter of an hour: pods whose task is over or gone, ended pods that their task never came
for, and failed pods that were kept for people (AIRDUB_POD_KEEP_FAILED) longer than
AIRDUB_POD_KEEP_HOURS. Tasks tidy up after themselves; this is for what they can't, such as a task
that failed for good while the cluster did not answer.

Of use on Kubernetes only: elsewhere the DAG is paused.

**When a task fails**, the log says what the cluster refused; the next run looks again.
"""

from __future__ import annotations

from airflow.sdk import dag

from airdub.errors import TOTAL_RETRIES
from airdub.settings import load_settings
from operators.sweep_pods import SweepPodsOperator
from operators.wiring import task_defaults


@dag(
    dag_id="sweep_pods",
    schedule="*/15 * * * *",
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=load_settings().runtime != "kubernetes",
    tags=["airdub", "housekeeping"],
    doc_md=__doc__,
    default_args={"owner": "airdub", "retries": TOTAL_RETRIES},
)
def sweep_pods() -> None:
    """One task; see the module's text."""
    SweepPodsOperator(task_id="sweep", **task_defaults())


sweep_pods()
