"""Remove bulky work that nobody needs any more.

Every night, in two steps: `look` tells stage by stage what could go, `remove` lets it go. What goes
are sound and pictures below `work/` that are older than the days and that no current release, no
open request or review, no waiting repair or publication and no recent run refers to, and all of
attempts that were killed. Results, transcripts, takes, landmarks and metrics stay; releases,
drafts, sources and cached lines are never looked at. What went is made again when it is asked for.

The DAG is paused until somebody turns it on. Start it by hand with `remove: false` to look only;
`airdub sweep` does the same in a terminal.

**When a task fails**, clear it: it goes on with what is left.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import Param, dag

from airdub.errors import TOTAL_RETRIES
from operators.sweep import SweepOperator
from operators.wiring import task_defaults

PARAMS = {
    "days": Param(
        None,
        type=["null", "integer"],
        minimum=1,
        title="Days",
        description="What was written or used within them stays; AIRDUB_SWEEP_DAYS by default.",
    ),
    "remove": Param(
        True,
        type="boolean",
        title="Remove",
        description="Off: only tell what could go.",
    ),
}

_TIME_LIMIT = timedelta(hours=23)
"""The first time, millions of folders may have to go."""


@dag(
    dag_id="sweep_artifacts",
    schedule="0 3 * * *",
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=True,
    params=PARAMS,
    tags=["airdub", "housekeeping"],
    doc_md=__doc__,
    default_args={"owner": "airdub", "retries": TOTAL_RETRIES},
)
def sweep_artifacts() -> None:
    """Look, then remove; see the module's text."""
    task = {**task_defaults(), "execution_timeout": _TIME_LIMIT}
    look = SweepOperator(task_id="look", remove=False, **task)
    look >> SweepOperator(task_id="remove", remove=True, **task)


sweep_artifacts()
