"""Voice: speak the lines, match the original speaker, fit and mix them."""

from __future__ import annotations

from dataclasses import dataclass

from airflow.sdk import TaskGroup

from dags.dub_video_groups.prepare import Media
from dags.dub_video_groups.speech import Words
from operators.stage_task import stage_task
from operators.wiring import TaskOutputs


@dataclass(frozen=True)
class Sound:
    """The takes and the finished sound."""

    synthesize: TaskOutputs
    convert_voice: TaskOutputs
    mix: TaskOutputs


def voice(media: Media, words: Words, faces: TaskOutputs) -> Sound:
    """The group's tasks and edges."""
    transcript, lines = words.transcribe["transcript"], words.translate["lines"]
    with TaskGroup("voice", tooltip="Synthesize, convert, mix"):
        dialogue = words.separate["dialogue"]
        synthesize = stage_task(
            "synthesize", {"transcript": transcript, "lines": lines, "dialogue": dialogue}
        )
        convert_voice = stage_task(
            "convert_voice",
            {
                "transcript": transcript,
                "takes": synthesize["takes"],
                "dialogue": dialogue,
            },
        )
        mix = stage_task(
            "mix",
            {
                "facts": media.probe["facts"],
                "transcript": transcript,
                "lines": lines,
                "takes": convert_voice["takes"],
                "faces": faces["faces"],
                "speech": words.separate["speech"],
                "original": media.extract_audio["original"],
                "dialogue": dialogue,
                "background": words.separate["background"],
            },
        )
    return Sound(synthesize, convert_voice, mix)
