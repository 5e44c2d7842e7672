"""Subtitles of the dub, timed to what is spoken, and of the source, timed to its cues."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from airdub.subtitles.writing import SubtitleLine, lay_out, too_fast, write_srt, write_vtt
from airdub.timing import FitPlan
from airdub.transcript import Action, Lines, Transcript
from airdub.units import ms_to_ticks

if TYPE_CHECKING:
    from model_images.runner.context import StageContext


SHORTEST = ms_to_ticks(100)
"""A long text can't be laid out over less; the layout gives it time to be read."""


def dub_captions(transcript: Transcript, lines: Lines, plan: FitPlan) -> list[SubtitleLine]:
    """Target lines: dubbed ones from their first to their last sample, others at source times.

    A dubbed segment that has no take is not spoken, and gets no subtitle.
    """
    texts = {line.segment_id: line.text for line in lines.lines}
    spoken = {placement.segment_id: placement for placement in plan.placements}
    captions = []
    for segment in transcript.segments:
        text = texts.get(segment.id, "")
        placed = spoken.get(segment.id)
        if placed:
            captions.append(_caption(placed.start, placed.end, text, segment.speaker))
        elif segment.action is not Action.DUB:
            captions.append(_caption(segment.start, segment.end, text, segment.speaker))
    return _shown(captions, plan.duration)


def source_captions(transcript: Transcript, duration: int) -> list[SubtitleLine]:
    """Source lines at their cues' times, or where no script gave any at those of speech."""
    captions = []
    for segment in transcript.segments:
        start = segment.start if segment.cue_start is None else segment.cue_start
        end = segment.end if segment.cue_end is None else segment.cue_end
        captions.append(_caption(start, end, segment.text, segment.speaker))
    return _shown(captions, duration)


def write_captions(
    context: StageContext,
    transcript: Transcript,
    lines: Lines,
    plan: FitPlan,
    frame_rate: Fraction | None,
) -> None:
    """Write the stage's three subtitle files."""
    dubbed = lay_out(
        dub_captions(transcript, lines, plan),
        language=lines.target_language,
        duration=plan.duration,
        frame_rate=frame_rate,
    )
    source = lay_out(
        source_captions(transcript, plan.duration),
        language=transcript.language,
        duration=plan.duration,
        frame_rate=frame_rate,
    )
    files = {
        ("subtitles_srt", ".srt"): write_srt(dubbed),
        ("subtitles_vtt", ".vtt"): write_vtt(dubbed),
        ("source_subtitles_srt", ".srt"): write_srt(source),
    }
    for (name, suffix), text in files.items():
        context.output(name, suffix).write_bytes(text.encode())
    context.measure("subtitles_too_fast", len(too_fast(dubbed, lines.target_language)))


def _caption(start: int, end: int, text: str, speaker: str) -> SubtitleLine:
    return SubtitleLine(start=start, end=end, text=text.strip(), speaker=speaker)


def _shown(captions: Iterable[SubtitleLine], duration: int) -> list[SubtitleLine]:
    """The captions that have text and begin within the title, none too short to be laid out."""
    shown = []
    for line in captions:
        if line.text and line.start < duration:
            start = max(0, min(line.start, duration - SHORTEST))
            end = min(max(line.end, start + SHORTEST), duration)
            shown.append(replace(line, start=start, end=end))
    return shown
