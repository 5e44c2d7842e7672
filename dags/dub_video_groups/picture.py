"""Picture: find who is on screen beside the work on speech, then move lips to the new sound."""

from __future__ import annotations

from dataclasses import dataclass

from airflow.sdk import TaskGroup

from dags.dub_video_groups.prepare import Media
from dags.dub_video_groups.voice import Sound
from operators.stage_task import stage_task
from operators.wiring import TaskOutputs


@dataclass(frozen=True)
class Picture:
    """The group, and the faces found in it."""

    group: TaskGroup
    track_faces: TaskOutputs


def track_faces(media: Media) -> Picture:
    """The group and its first task, which runs beside the work on speech."""
    group = TaskGroup("picture", tooltip="Find faces, move lips")
    with group:
        tracked = stage_task(
            "track_faces",
            {
                "source": media.ingest["source"],
                "facts": media.probe["facts"],
                "mono_16k": media.extract_audio["mono_16k"],
            },
        )
    return Picture(group, tracked)


def move_lips(media: Media, picture: Picture, sound: Sound) -> TaskOutputs:
    """The group's second task, once the dub's timing is known."""
    with picture.group:
        return stage_task(
            "lipsync",
            {
                "source": media.ingest["source"],
                "facts": media.probe["facts"],
                "faces": picture.track_faces["faces"],
                "landmarks": picture.track_faces["landmarks"],
                "placements": sound.mix["placements"],
                "dialogue_stem": sound.mix["dialogue_stem"],
            },
        )
