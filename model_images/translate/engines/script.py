"""A script of the target language beside the video: its cues are laid on the source's segments."""

from __future__ import annotations

from collections.abc import Sequence

from airdub.errors import InvalidInput
from airdub.subtitles.reading import read_script
from airdub.subtitles.segments import to_segments
from airdub.transcript import Action, Segment
from airdub.units import CLOCK_HZ, ticks_to_seconds
from model_images.translate.protocol import Job

KEEPS_TERMS = False

_NEAR = CLOCK_HZ
"""A cue that overlaps no segment belongs to one that is no farther than a second away."""


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
    texts: list[list[str]] = [[] for _ in job.segments]
    for line in lines:
        index = home_of(line, job.segments)
        if index is None:
            at_s = ticks_to_seconds(line.start)
            job.warn(f"the target script's line at {at_s:.2f} s has no speech: {line.text[:60]!r}")
        else:
            texts[index].append(line.text)
    return [" ".join(parts) for parts in texts]


def home_of(line: Segment, segments: Sequence[Segment]) -> int | None:
    """Index of the segment that a target line belongs to; None when there is none near it.

    The longest overlap wins, a speaker of the same name before all others.
    """
    best: tuple[bool, int, int] | None = None
    home = None
    for index, segment in enumerate(segments):
        start, end = _window(segment)
        overlap = min(end, line.end) - max(start, line.start)
        if overlap <= -_NEAR:
            continue
        named = overlap > 0 and segment.speaker.casefold() == line.speaker.casefold()
        rank = (named, overlap, -abs(start - line.start))
        if best is None or rank > best:
            best, home = rank, index
    return home


def _window(segment: Segment) -> tuple[int, int]:
    """The segment's cue where it has one: target cues are timed like source cues."""
    if segment.cue_start is None or segment.cue_end is None:
        return segment.start, segment.end
    return min(segment.start, segment.cue_start), max(segment.end, segment.cue_end)
