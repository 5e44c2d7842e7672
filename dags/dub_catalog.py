"""Enqueue what is wanted of the titles that were ingested in an interval of time.

The schedule (`AIRDUB_CATALOG_SCHEDULE`, every midnight UTC) gives each run the day before it. The
run looks at the titles whose current version a scan saw first in that day, holds them against the
standing orders (`airdub request --standing`), and puts what isn't wanted yet into the queue; it
dubs nothing: `dispatch_dubs` does. A day that was missed is caught up when Airflow runs again.

**Backfill.** `airflow backfill create --dag-id dub_catalog --from-date DAY --to-date DAY` enqueues
the titles of those days again, as the plan is now: what has a request under the current plan is
left alone, so after an upgrade of engines, profiles or gates exactly what the upgrade changes is
dubbed again. Days whose runs have ended need `--reprocess-behavior completed`.

**Try an upgrade on few titles first**: `--dag-run-conf '{"canaries": 5}'` lets five titles of each
new plan go, and holds the others until those were published.

**When a task fails**, correct the cause and clear it: nothing is enqueued twice.
"""

from __future__ import annotations

from datetime import UTC, datetime, time

from airflow.sdk import CronDataIntervalTimetable, Param, dag

from airdub.errors import TOTAL_RETRIES
from airdub.profiles import profile_names
from airdub.settings import load_settings
from operators.catalog import EnqueueOperator
from operators.wiring import task_defaults

PARAMS = {
    "profile": Param(
        None,
        type=["null", "string"],
        enum=[None, *profile_names()],
        title="Profile",
        description="Profile of the requests. Empty: as each standing order says.",
    ),
    "canaries": Param(
        0,
        type="integer",
        minimum=0,
        maximum=1000,
        title="Canaries",
        description="Titles that a plan which is new to the queue is tried on, while its others "
        "are held; 0 lets all go at once.",
    ),
}


@dag(
    dag_id="dub_catalog",
    schedule=CronDataIntervalTimetable(load_settings().catalog_schedule, timezone="UTC"),
    start_date=datetime.combine(load_settings().catalog_start, time(), UTC),
    catchup=True,
    max_active_runs=4,
    is_paused_upon_creation=False,
    params=PARAMS,
    tags=["airdub", "library"],
    doc_md=__doc__,
    default_args={"owner": "airdub", "retries": TOTAL_RETRIES},
)
def dub_catalog() -> None:
    """One task; see the module's text."""
    EnqueueOperator(task_id="enqueue", **task_defaults())


dub_catalog()
