"""The whole of a dub: all groups, wired."""

from __future__ import annotations

from collections.abc import Mapping

from airflow.sdk import DAG

from dags.dub_video_groups.deliver import deliver
from dags.dub_video_groups.judge import judge
from dags.dub_video_groups.picture import move_lips, track_faces
from dags.dub_video_groups.prepare import prepare
from dags.dub_video_groups.speech import speech
from dags.dub_video_groups.voice import voice
from operators.references import Source
from operators.stage_work import StageWork


def pipeline() -> None:
    """Every group of a dub, in the DAG that is being made."""
    media = prepare()
    picture = track_faces(media)
    words = speech(media)
    sound = voice(media, words, picture.track_faces)
    lips = move_lips(media, picture, sound)
    delivery = deliver(media, words, picture, sound, lips)
    judge(media, words, picture, sound, delivery)


def stage_wiring() -> dict[str, dict[str, Source]]:
    """Where each input of each stage comes from, as the tasks of a dub have it, without groups."""
    with DAG("wiring", auto_register=False) as dag:
        pipeline()
    stages = (task for task in dag.tasks if isinstance(task, StageWork))
    return {stage.stage: _without_groups(stage.inputs) for stage in stages}


def _without_groups(inputs: Mapping[str, Source]) -> dict[str, Source]:
    return {
        port: Source(source.task_id.rpartition(".")[2], source.output)
        for port, source in inputs.items()
    }
