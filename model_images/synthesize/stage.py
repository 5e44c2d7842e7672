"""synthesize: one take for every line that is dubbed, at a speaking rate that suits its place.

Lines are cached one by one, by what is said and how: editing a line speaks that line again,
moving lines speaks again only those whose rate changes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import Field

from airdub.errors import InvalidInput
from airdub.languages import parse_language
from airdub.model import Document
from airdub.transcript import Action, Lines, Segment, Takes, Transcript
from airdub.units import CLOCK_HZ, seconds_to_ticks
from model_images.common.pitch import quick_contour, statistics
from model_images.common.references import REFERENCE_RATE_HZ, read_reference, reference_spans
from model_images.runner.context import StageContext
from model_images.synthesize.lines import LineSpeaker
from model_images.synthesize.protocol import Synthesizer
from model_images.synthesize.rates import rooms
from model_images.synthesize.text import checked_length, speakable

_PITCH_REFERENCE = seconds_to_ticks(10)


class Parameters(Document):
    """Parameters of the stage.

    Attributes:
        target_language: BCP-47.
        voices: the engine's voice for a speaker, where it isn't to be chosen by his pitch.
        longest_line: characters; a longer line is refused.
    """

    target_language: str
    voices: dict[str, str] = Field(default_factory=dict)
    longest_line: int = Field(default=1000, ge=1)


@dataclass(frozen=True)
class _Job:
    segment: Segment
    text: str


def run(context: StageContext) -> None:
    """Speak the lines; outputs `takes` and, for each of them, `take/<segment id>`."""
    parameters = Parameters.model_validate(context.parameters)
    transcript = context.document("transcript", Transcript)
    language = parse_language(parameters.target_language, where="target_language")
    engine: Synthesizer = context.load_engine().create(language)
    for note in engine.notes:
        context.warn(note)
    lines = context.document("lines", Lines)
    jobs = list(_jobs(context, parameters, transcript, lines, engine))
    voices = _voices(context, parameters, transcript, engine, jobs)
    room = rooms(transcript.segments, transcript.duration)
    speaker = LineSpeaker(context, engine, language)
    takes = []
    for number, job in enumerate(jobs, 1):
        segment = job.segment
        take = speaker.take(segment.id, job.text, voices[segment.speaker], room[segment.id])
        if take is None:
            _skip(context, segment, "the engine gave no sound for it")
        else:
            context.adopt(f"take/{segment.id}", take.audio)
            takes.append(take)
        context.progress(number, len(jobs), "lines")
    context.count(n_scored=len(takes))
    context.measure("items_computed", speaker.computed)
    context.measure("items_cached", speaker.cached)
    context.measure("speech_s", round(sum(take.length for take in takes) / CLOCK_HZ, 3))
    context.write_document("takes", Takes(language=language, takes=tuple(takes)))


def _jobs(
    context: StageContext,
    parameters: Parameters,
    transcript: Transcript,
    lines: Lines,
    engine: Synthesizer,
) -> Iterator[_Job]:
    """The lines to be spoken, in the transcript's order; what can't be spoken is counted."""
    by_segment = {line.segment_id: line.text for line in lines.lines}
    unknown = by_segment.keys() - {segment.id for segment in transcript.segments}
    if unknown:
        raise InvalidInput(
            f"there is a line for {min(unknown)!r}, which is no segment of the transcript",
            where="lines, segment_id",
            remedy="clear the task translate, so that lines and transcript are of one source",
        )
    for segment in transcript.segments:
        written = by_segment.get(segment.id, "")
        if segment.action is not Action.DUB or not written.strip():
            continue
        where = f"target line of segment {segment.id}"
        text = speakable(checked_length(written, parameters.longest_line, where))
        try:
            readable = engine.readable(text)
        except InvalidInput as error:
            raise InvalidInput(error.what, where=where, remedy=error.remedy) from error
        if readable:
            yield _Job(segment, readable)
        else:
            _skip(context, segment, f"there is nothing to speak in {written.strip()[:40]!r}")


def _skip(context: StageContext, segment: Segment, reason: str) -> None:
    context.count(n_skipped=1)
    context.warn(f"segment {segment.id} is not dubbed: {reason}")


def _voices(
    context: StageContext,
    parameters: Parameters,
    transcript: Transcript,
    engine: Synthesizer,
    jobs: list[_Job],
) -> dict[str, str]:
    """The engine's voice for each speaker who has a line."""
    spans = reference_spans(transcript.segments, _PITCH_REFERENCE)
    voices = {}
    for speaker in sorted({job.segment.speaker for job in jobs}):
        if speaker in parameters.voices:
            voices[speaker] = engine.checked_voice(parameters.voices[speaker])
            continue
        pitch_hz = None
        if context.has_input("dialogue") and speaker in spans:
            sound = read_reference(context.input("dialogue"), spans[speaker])
            found = statistics(quick_contour(sound, REFERENCE_RATE_HZ)) if len(sound) else None
            pitch_hz = found and found.mean_hz
        voices[speaker] = engine.voice_for(pitch_hz)
        context.log.info("%s (F0 %s Hz) gets the voice %s", speaker, pitch_hz, voices[speaker])
    return voices
