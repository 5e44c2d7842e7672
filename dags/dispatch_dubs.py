"""Drain the queue: settle what has ended, claim what is next, start its runs of `dub_video`.

Every two minutes (`AIRDUB_DISPATCH_S`), one run at a time:

* `reconcile` brings every request that has a run up to date with it: published, in review,
  quarantined, failed, refused. A run that was lost (its claimer was killed, somebody deleted it, a
  repair was never started) is started again under its own name, which starts it once. New plans
  whose canaries went well are opened to all titles; when failures of one reason pile up, the queue
  is paused.
* `claim` takes as many requests as may be active (`AIRDUB_ACTIVE_DUBS`) beyond those that are: what
  is due within `AIRDUB_URGENT_HOURS` first, then by priority, in turns among intervals and
  commands. Quotas, rights windows and a pause hold back what they must.
* `start` starts one run of `dub_video` for each, by the plan of now.
* `watch` sends the queue's numbers to Airflow's telemetry, and tells those whom the connections
  `airdub_smtp` and `airdub_webhook` name of a pause and of dubs that are overdue.

The order of the queue, and how to change it: docs/operating.md, The queue.

**When a task fails**, nothing is lost: the next run does what this one didn't. A dub that can't be
started stays claimed and is tried again; its task's log says why.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import dag

from airdub.errors import TOTAL_RETRIES
from airdub.settings import load_settings
from operators.dispatch import ClaimOperator, ReconcileOperator
from operators.start_dub import StartDubOperator
from operators.watch_queue import WatchQueueOperator
from operators.wiring import task_defaults

FIRST = {"priority_weight": 1000, "weight_rule": "absolute"}
"""Its tasks are few and short, and go before those of the dubs."""


@dag(
    dag_id="dispatch_dubs",
    schedule=timedelta(seconds=load_settings().dispatch_s),
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=False,
    dagrun_timeout=timedelta(hours=1),
    tags=["airdub", "library"],
    doc_md=__doc__,
    default_args={"owner": "airdub", "retries": TOTAL_RETRIES, **FIRST},
)
def dispatch_dubs() -> None:
    """Reconcile, claim, start; see the module's text."""
    reconcile = ReconcileOperator(task_id="reconcile", dub_dag_id="dub_video", **task_defaults())
    claim = ClaimOperator(task_id="claim", lost=reconcile.task_id, **task_defaults())
    start = StartDubOperator.partial(task_id="start", dub_dag_id="dub_video", **task_defaults())
    watch = WatchQueueOperator(task_id="watch", **task_defaults())
    reconcile >> [claim, watch]
    start.expand(run_id=claim.output)


dispatch_dubs()
