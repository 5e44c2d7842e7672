"""Dub one video into one language.

Each run takes one title through the stages: prepare (check the order, read the media), speech
(separate voices from the rest, transcribe, translate), voice (speak the lines, match the original
speaker, mix), picture (find faces, move lips), deliver (one file, placed as a draft) and judge
(measure the file, hold it against the gates of the profile, act on the verdict).

**A run ends with a decision**, and never waits for people. One of the last four tasks runs:
`publish` (APPROVED: it becomes the current release), `start_repair` (RETRY: the next attempt, a run
of its own, changes only what failed), `queue_review` (REVIEW: a person decides in `review_dub`) or
`quarantine` (REJECTED: nobody may see it). The verdict, every reason and what follows are in the
catalogue before any of them starts; the tab *Dub* of the run shows them.

**Parameters**: see the form; a run needs `source`, `source_language` and `target_language`. Files
beside the source are found by their names: a script `NAME.srt`, a target script `NAME.es.srt`,
stems `NAME.me.wav` and `NAME.dialogue.wav`, a glossary `NAME.glossary.csv`.

**Results** lie in the store: the unjudged draft under `drafts/<title>/<language>/` with a manifest
of what made it, the verdict and its pages under `gates/<run id>/`, releases under `releases/`.

**When a run takes longer** than `AIRDUB_DUB_HOURS`, or a task fails for good, those are told whom
the connections `airdub_smtp` and `airdub_webhook` name.

**When a task fails**, its log ends with what is wrong, where, and what to do. Bad input and refused
licences fail at once; anything else is retried as often as its kind of failure deserves. Correct
the cause, then clear the failed task: stages that are done are found again by the hash of their
inputs, so clearing or starting the same run anew costs only what changed.
"""

from __future__ import annotations

from airflow.sdk import Param, dag

from airdub.errors import TOTAL_RETRIES
from airdub.profiles import profile_names
from airdub.settings import load_settings
from dags.dub_video_groups.pipeline import pipeline
from operators.notify import deadline

LANGUAGE = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$"

PARAMS = {
    "source": Param(
        type="string",
        minLength=1,
        title="Video",
        description="Full path of the video file on the machine that runs Airflow, or s3://bucket/key.",
    ),
    "source_language": Param(
        type="string",
        pattern=LANGUAGE,
        title="Spoken language",
        description="Language spoken in the video, as a BCP-47 tag: en, es, ko.",
    ),
    "target_language": Param(
        type="string",
        pattern=LANGUAGE,
        title="Language of the dub",
        description="BCP-47 tag: es, es-419, pt-BR.",
    ),
    "script": Param(
        None,
        type=["null", "string"],
        title="Script",
        description="Full path of a script in the spoken language (SRT, WebVTT, TTML). "
        "Empty: NAME.srt beside the video if there is one, else the speech is recognised.",
    ),
    "title_id": Param(
        None,
        type=["null", "string"],
        pattern=r"^[a-z0-9][a-z0-9._-]{0,79}$",
        title="Title id",
        description="Id of the title in the library. Empty: made from the file's name.",
    ),
    "profile": Param(
        "embedded",
        type="string",
        enum=profile_names(),
        title="Profile",
        description="Which engine serves which stage and language.",
    ),
    "attempt": Param(
        1,
        type="integer",
        minimum=1,
        title="Attempt",
        description="Number of this attempt at the title; the profile's gates bound them.",
    ),
    "repair": Param(
        None,
        type=["null", "object"],
        title="Repair plan",
        description="What this attempt changes; the gate of the attempt before it writes it.",
    ),
    "parent_run_id": Param(
        None,
        type=["null", "string"],
        maxLength=250,
        title="Repaired run",
        description="Run whose verdict asked for this attempt. Empty for a first attempt.",
    ),
}


@dag(
    dag_id="dub_video",
    schedule=None,
    catchup=False,
    max_active_runs=load_settings().active_dubs,
    is_paused_upon_creation=False,
    render_template_as_native_obj=False,
    params=PARAMS,
    deadline=deadline(load_settings().dub_hours),
    tags=["airdub", "dubbing"],
    doc_md=__doc__,
    default_args={"owner": "airdub", "retries": TOTAL_RETRIES},
)
def dub_video() -> None:
    """Wire the groups; see the module's text."""
    pipeline()


dub_video()
