"""Ask people about a dub that no gate could decide.

Each run shows one review: the worst that waits when the run starts, not the one that started it.
As many runs as `AIRDUB_OPEN_REVIEWS` says are open at once. `dub_video` starts a run when it puts a
dub up for review and none is queued, and never waits; a run that has taken its review starts the
next. So one is queued however many dubs wait: these stand in the catalogue, and cost Airflow
nothing.

The question stands in Airflow under Browse, Required Actions, and on the page Dub reviews, with the
reasons, the gate table and links that play the worst lines in the source and in the dub:

* **Publish with waiver** publishes the best attempt; who said so and why is kept with the release.
* **Redo with notes** starts the next attempt: as the best one, with the lines that the notes name
  spoken anew, and with what was corrected beside the video (script, glossary).
* **Reject** holds the dub in quarantine.

A newer attempt at the title closes the question by itself. So does time: a review that nobody
answered for `AIRDUB_REVIEW_DAYS` days leads to quarantine, never to publication.

**When a task fails**, correct the cause and clear it: what was decided is kept, and what wasn't is
asked again. The review of a run that failed or was deleted is shown by a later one. When no run is
left (Airflow's database was lost), `collect_feedback` starts one within the hour.
"""

from __future__ import annotations

from airflow.sdk import Param, dag

from airdub.catalog import Decision
from airdub.errors import TOTAL_RETRIES
from airdub.settings import load_settings
from operators.publish import publish_task
from operators.review import AskReviewOperator, PickReviewOperator, ShowReviewsOperator
from operators.review_outcomes import FollowReviewOperator, HoldBackOperator, RedoOperator
from operators.wiring import task_defaults

PARAMS = {
    "run_id": Param(
        None,
        type=["null", "string"],
        title="Run",
        description="Run of dub_video that started this one. Which review is shown doesn't depend "
        "on it: the worst comes first.",
    ),
}


@dag(
    dag_id="review_dub",
    schedule=None,
    catchup=False,
    max_active_runs=load_settings().open_reviews,
    is_paused_upon_creation=False,
    params=PARAMS,
    tags=["airdub", "dubbing"],
    doc_md=__doc__,
    default_args={"owner": "airdub", "retries": TOTAL_RETRIES},
)
def review_dub() -> None:
    """Pick, ask, act on the answer; see the module's text."""
    pick = PickReviewOperator(task_id="pick", **task_defaults())
    ask = AskReviewOperator(
        task_id="ask",
        pick=pick.task_id,
        **{**task_defaults(), "execution_timeout": None},  # people take their time
    )
    publish = publish_task(run_id="{{ ti.xcom_pull(task_ids='pick')['best_run_id'] }}")
    redo = RedoOperator(task_id="redo", pick=pick.task_id, dag_id="dub_video", **task_defaults())
    hold = HoldBackOperator(task_id="hold_back", pick=pick.task_id, **task_defaults())
    follow = FollowReviewOperator(
        task_id="follow_decision",
        pick=pick.task_id,
        tasks={
            Decision.PUBLISH_WITH_WAIVER: publish.task_id,
            Decision.REDO: redo.task_id,
            Decision.REJECT: hold.task_id,
            Decision.TIMED_OUT: hold.task_id,
        },
        **task_defaults(),
    )
    more = ShowReviewsOperator(task_id="show_more", review_dag_id="review_dub", **task_defaults())
    pick >> more
    pick >> ask >> follow >> [publish, redo, hold]


review_dub()
