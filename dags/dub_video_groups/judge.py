"""Judge: measure the finished file, decide, then publish, repair, ask people or hold back."""

from __future__ import annotations

from airflow.sdk import TaskGroup

from airdub.gates import Consequence
from dags.dub_video_groups.deliver import Delivery
from dags.dub_video_groups.picture import Picture
from dags.dub_video_groups.prepare import Media
from dags.dub_video_groups.speech import Words
from dags.dub_video_groups.voice import Sound
from operators.consequences import (
    QuarantineOperator,
    QueueReviewOperator,
    StartRepairOperator,
    follow_verdict_task,
)
from operators.publish import publish_task
from operators.release_gate import gate_task
from operators.stage_task import stage_task
from operators.wiring import task_defaults


def judge(media: Media, words: Words, picture: Picture, sound: Sound, delivery: Delivery) -> None:
    """The group's tasks and edges; of the last four, one runs."""
    with TaskGroup("judge", tooltip="Measure, decide, act on the decision"):
        evaluate = stage_task(
            "evaluate",
            {
                "deliverable": delivery.mux["deliverable"],
                "source": media.ingest["source"],
                "reference": media.ingest["reference"],
                "facts": media.probe["facts"],
                "original": media.extract_audio["original"],
                "mono_16k": media.extract_audio["mono_16k"],
                "speech": words.separate["speech"],
                "dialogue": words.separate["dialogue"],
                "background": words.separate["background"],
                "transcript": words.transcribe["transcript"],
                "lines": words.translate["lines"],
                "takes": sound.convert_voice["takes"],
                "placements": sound.mix["placements"],
                "dialogue_stem": sound.mix["dialogue_stem"],
                "faces": picture.track_faces["faces"],
                "landmarks": picture.track_faces["landmarks"],
                "lips": delivery.lips["lips"],
            },
        )
        gate = gate_task([*delivery.stages, evaluate], delivery.draft)
        branch = follow_verdict_task(
            {
                Consequence.PUBLISH: publish_task(),
                Consequence.REPAIR: StartRepairOperator(task_id="start_repair", **task_defaults()),
                Consequence.REVIEW: QueueReviewOperator(
                    task_id="queue_review", review_dag_id="review_dub", **task_defaults()
                ),
                Consequence.QUARANTINE: QuarantineOperator(task_id="quarantine", **task_defaults()),
            }
        )
        gate.set_downstream(branch)
