"""Forget what Airflow itself remembers of old runs.

Every Sunday `airflow db clean` deletes runs, tasks, XComs, logged events and all else in Airflow's
own database that is older than `AIRDUB_AIRFLOW_DAYS` days, without an archive; the log tells how
many rows of each table. The last scheduled run of each DAG stays. What was dubbed, judged, decided
and published is in the catalogue, and what was made is in the store: nothing of that is touched,
and neither are log files.

The DAG is paused until somebody turns it on. Start it by hand with `remove: false` to look only. On
SQLite the file doesn't shrink; its space is used again.

**When a task fails**, its log says why. Airflow hides the address of its database from tasks: state
it in `airflow.cfg` (as `airdub up` does) or by `AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_CMD`.
"""

from __future__ import annotations

from airflow.sdk import Param, dag

from airdub.errors import TOTAL_RETRIES
from operators.clean_airflow import CleanAirflowOperator
from operators.wiring import task_defaults

PARAMS = {
    "days": Param(
        None,
        type=["null", "integer"],
        minimum=1,
        title="Days",
        description="That Airflow remembers; AIRDUB_AIRFLOW_DAYS by default. More than "
        "AIRDUB_REVIEW_DAYS.",
    ),
    "remove": Param(
        True,
        type="boolean",
        title="Remove",
        description="Off: only tell what could go.",
    ),
}


@dag(
    dag_id="clean_airflow",
    schedule="30 4 * * 0",
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=True,
    params=PARAMS,
    tags=["airdub", "housekeeping"],
    doc_md=__doc__,
    default_args={"owner": "airdub", "retries": TOTAL_RETRIES},
)
def clean_airflow() -> None:
    """One command; see the module's text."""
    CleanAirflowOperator(task_id="clean", **task_defaults())


clean_airflow()
