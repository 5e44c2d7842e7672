"""Deliver: put picture, sound and subtitles into one file and place it as a draft."""

from __future__ import annotations

from airflow.sdk import BaseOperator, TaskGroup

from dags.dub_video_groups.picture import Picture
from dags.dub_video_groups.prepare import Media
from dags.dub_video_groups.speech import Words
from dags.dub_video_groups.voice import Sound
from operators.deliver import deliver_task
from operators.stage_task import stage_task
from operators.wiring import TaskOutputs


def deliver(
    media: Media, words: Words, picture: Picture, sound: Sound, lips: TaskOutputs
) -> BaseOperator:
    """The group's tasks and edges; returns the last one."""
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
        return deliver_task(
            {
                "deliverable": mux["deliverable"],
                "subtitles_srt": sound.mix["subtitles_srt"],
                "subtitles_vtt": sound.mix["subtitles_vtt"],
                "dialogue_stem": sound.mix["dialogue_stem"],
            },
            stages=[
                *(media.ingest, media.probe, media.extract_audio),
                *(words.separate, words.transcribe, words.translate),
                *(sound.synthesize, sound.convert_voice, sound.mix),
                *(picture.track_faces, lips, mux),
            ],
        )
