"""Speech: part voices from the rest, write down what is said, translate it."""

from __future__ import annotations

from dataclasses import dataclass

from airflow.sdk import TaskGroup

from dags.dub_video_groups.prepare import Media
from operators.stage_task import stage_task
from operators.wiring import TaskOutputs


@dataclass(frozen=True)
class Words:
    """Separated sound, what is said, and what shall be said."""

    separate: TaskOutputs
    transcribe: TaskOutputs
    translate: TaskOutputs


def speech(media: Media) -> Words:
    """The group's tasks and edges."""
    with TaskGroup("speech", tooltip="Separate, transcribe, translate"):
        separate = stage_task(
            "separate",
            {
                "original": media.extract_audio["original"],
                "mono_16k": media.extract_audio["mono_16k"],
                "background_stem": media.ingest["background_stem"],
                "dialogue_stem": media.ingest["dialogue_stem"],
            },
        )
        transcribe = stage_task(
            "transcribe",
            {
                "facts": media.probe["facts"],
                "mono_16k": media.extract_audio["mono_16k"],
                "speech": separate["speech"],
                "dialogue": separate["dialogue"],
                "script": media.ingest["script"],
            },
        )
        translate = stage_task(
            "translate",
            {
                "transcript": transcribe["transcript"],
                "target_script": media.ingest["target_script"],
                "glossary": media.ingest["glossary"],
                "series_glossary": media.ingest["series_glossary"],
                "approved": media.ingest["approved"],
            },
        )
    return Words(separate, transcribe, translate)
