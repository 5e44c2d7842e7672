"""A script of the target language beside the video: its cues are laid on the source's segments."""

from __future__ import annotations

from airdub.errors import InvalidInput
from airdub.subtitles.alignment import lay_out
from airdub.subtitles.reading import read_script
from airdub.subtitles.segments import to_segments
from airdub.transcript import Action
from airdub.units import ticks_to_seconds
from model_images.translate.protocol import Job

KEEPS_TERMS = False


def translate(job: Job) -> list[str]:
    """Take the lines from the script; `Translator.translate` says the rest."""
    if job.target_script is None:
        raise InvalidInput(
            "there is no script of the target language",
            where="target_script",
            remedy="put one beside the video: NAME.es.srt",
        )
    script = read_script(job.target_script, language=job.target_language, duration=job.duration)
    lines = [line for line in to_segments(script) if line.action is not Action.KEEP]
    texts, homeless = lay_out(lines, job.segments)
    for line in homeless:
        at_s = ticks_to_seconds(line.start)
        job.warn(f"the target script's line at {at_s:.2f} s has no speech: {line.text[:60]!r}")
    return texts
