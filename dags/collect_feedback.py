"""Take in what viewers and reviewers say about dubs, and act on it.

Every hour: `collect` reads the CSV files in the folder `AIRDUB_FEEDBACK` (`feedback/` in the store
by default) that are new or have changed; comments also come in through the console
(`POST /airdub/api/feedback`) and by `airdub feedback import`. Each comment is kept once, tagged by
word lists (voice, sync, noise, translation, prosody; in English, Spanish, French and German) and
counted for the release that was current when it was said, and for the engines that made it.

`weigh` looks at the current releases that something new was said about. Where as many comments as
`AIRDUB_FEEDBACK_COMPLAINTS` says complain of the same, the title is requested anew if it would be
dubbed otherwise today (another engine version, profile or source); if not, people are asked: `ask`
starts `review_dub`. That happens once for each kind of complaint about a release.

**When a task fails**, clear it: nothing is taken in or acted on twice. Bad rows and files stop
nothing; they are named in the log of `collect`.
"""

from __future__ import annotations

from airflow.sdk import dag

from airdub.errors import TOTAL_RETRIES
from operators.feedback import CollectFeedbackOperator, WeighFeedbackOperator
from operators.review import ShowReviewsOperator
from operators.wiring import task_defaults


@dag(
    dag_id="collect_feedback",
    schedule="15 * * * *",
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=False,
    tags=["airdub", "feedback"],
    doc_md=__doc__,
    default_args={"owner": "airdub", "retries": TOTAL_RETRIES},
)
def collect_feedback() -> None:
    """Read, weigh, ask; see the module's text."""
    collect = CollectFeedbackOperator(task_id="collect", **task_defaults())
    weigh = WeighFeedbackOperator(task_id="weigh", **task_defaults())
    ask = ShowReviewsOperator(task_id="ask", review_dag_id="review_dub", **task_defaults())
    collect >> weigh >> ask


collect_feedback()
