"""Deliver: put picture, sound and subtitles into one file and place it as a draft."""

from __future__ import annotations

from dataclasses import dataclass

from airflow.sdk import BaseOperator, TaskGroup

from dags.dub_video_groups.picture import Picture
from dags.dub_video_groups.prepare import Media
from dags.dub_video_groups.speech import Words
from dags.dub_video_groups.voice import Sound
from operators.deliver import deliver_task
from operators.stage_task import stage_task
from operators.wiring import TaskOutputs


@dataclass(frozen=True)
class Delivery:
    """The finished file, the draft, and all that made them in the pipeline's order."""

    lips: TaskOutputs
    mux: TaskOutputs
    draft: BaseOperator
    stages: tuple[TaskOutputs, ...]


def deliver(
    media: Media, words: Words, picture: Picture, sound: Sound, lips: TaskOutputs
) -> Delivery:
    """The group's tasks and edges."""
    with TaskGroup("deliver", tooltip="Mux, then place the draft"):
        mux = stage_task(
            "mux",
            {
                "source": media.ingest["source"],
                "facts": media.probe["facts"],
                "mix": sound.mix["mix"],
                "video": lips["video"],
                "subtitles_srt": sound.mix["subtitles_srt"],
                "source_subtitles_srt": sound.mix["source_subtitles_srt"],
            },
        )
        stages = (
            *(media.ingest, media.probe, media.extract_audio),
            *(words.separate, words.transcribe, words.translate),
            *(sound.synthesize, sound.convert_voice, sound.mix),
            *(picture.track_faces, lips, mux),
        )
        draft = deliver_task(
            {
                "deliverable": mux["deliverable"],
                "subtitles_srt": sound.mix["subtitles_srt"],
                "subtitles_vtt": sound.mix["subtitles_vtt"],
                "dialogue_stem": sound.mix["dialogue_stem"],
            },
            stages=stages,
        )
    return Delivery(lips, mux, draft, stages)
