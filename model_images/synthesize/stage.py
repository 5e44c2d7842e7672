"""synthesize: one take for every line that is dubbed, at a speaking rate that suits its place.

Lines are cached one by one, by what is said and how: editing a line speaks that line again,
moving lines speaks again only those whose rate changes, and so does repairing them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from pydantic import Field

from airdub.continuity.voices import SPEAKER_VOICES
from airdub.errors import InvalidInput
from airdub.languages import parse_language
from airdub.model import Document
from airdub.transcript import Action, Lines, Segment, Take, Takes, Transcript
from airdub.units import CLOCK_HZ
from model_images.runner.context import StageContext
from model_images.synthesize.rates import Room, rooms
from model_images.synthesize.text import checked_length, speakable
from model_images.synthesize.voices import LineChange, Pitches, Studio


class Parameters(Document):
    """Parameters of the stage.

    Attributes:
        target_language: BCP-47.
        voices: the engine's voice for a speaker, where it isn't to be chosen by his pitch.
        longest_line: characters; a longer line is refused.
        repairs: by segment id, how lines that failed are spoken.
    """

    target_language: str
    voices: dict[str, str] = Field(default_factory=dict)
    longest_line: int = Field(default=1000, ge=1)
    repairs: dict[str, LineChange] = Field(default_factory=dict)


@dataclass(frozen=True)
class _Way:
    """A way to speak a line: its text as the studio's engine reads it."""

    text: str
    studio: Studio
    change: LineChange


@dataclass(frozen=True)
class _Job:
    """A line, how it is to be spoken, and the ways to speak it: the last is the usual one."""

    segment: Segment
    change: LineChange
    ways: tuple[_Way, ...]


def run(context: StageContext) -> None:
    """Speak the lines; outputs `takes` and, for each of them, `take/<segment id>`."""
    parameters = Parameters.model_validate(context.parameters)
    transcript = context.document("transcript", Transcript)
    lines = context.document("lines", Lines)
    _refuse_strangers(transcript, lines, parameters)
    studios = _Studios(context, parameters, transcript)
    jobs = list(_jobs(context, parameters, transcript, lines, studios))
    room = rooms(transcript.segments, transcript.duration)
    takes = []
    for number, job in enumerate(jobs, 1):
        take = _take(context, job, room[job.segment.id])
        if take is None:
            _skip(context, job.segment, "the engine gave no sound for it")
        else:
            context.adopt(f"take/{job.segment.id}", take.audio)
            takes.append(take)
        context.progress(number, len(jobs), "lines")
    context.count(n_scored=len(takes))
    context.measure("items_computed", sum(studio.lines.computed for studio in studios.open()))
    context.measure("items_cached", sum(studio.lines.cached for studio in studios.open()))
    context.measure(SPEAKER_VOICES, dict(sorted(studios.own.spoken.items())))
    context.measure("speech_s", round(sum(take.length for take in takes) / CLOCK_HZ, 3))
    context.write_document("takes", Takes(language=studios.language, takes=tuple(takes)))


class _Studios:
    """The request's own engine, and those of single lines."""

    def __init__(
        self, context: StageContext, parameters: Parameters, transcript: Transcript
    ) -> None:
        self.language = parse_language(parameters.target_language, where="target_language")
        self._context = context
        self._pitches = Pitches(context, transcript)
        self.own = Studio(context, self.language, self._pitches, parameters.voices)
        self._others: dict[str, Studio] = {}

    def of(self, change: LineChange) -> Studio:
        """The studio that speaks a repaired line."""
        other = change.engine
        if other is None or other == self._context.request.engine:
            return self.own
        if other.name not in self._others:
            self._others[other.name] = Studio(
                self._context, self.language, self._pitches, {}, other
            )
        return self._others[other.name]

    def open(self) -> Iterator[Studio]:
        """All that were needed."""
        yield self.own
        yield from self._others.values()


def _refuse_strangers(transcript: Transcript, lines: Lines, parameters: Parameters) -> None:
    known = {segment.id for segment in transcript.segments}
    for what, task, named in (
        ("line", "translate", {line.segment_id for line in lines.lines}),
        ("repair", "synthesize", parameters.repairs.keys()),
    ):
        if unknown := named - known:
            raise InvalidInput(
                f"there is a {what} for {min(unknown)!r}, which is no segment of the transcript",
                where=f"{what}s, segment_id",
                remedy=f"clear the task {task}, so that {what}s and transcript are of one source",
            )


def _jobs(
    context: StageContext,
    parameters: Parameters,
    transcript: Transcript,
    lines: Lines,
    studios: _Studios,
) -> Iterator[_Job]:
    """The lines to be spoken, in the transcript's order; what can't be spoken is counted."""
    by_segment = {line.segment_id: line.text for line in lines.lines}
    for segment in transcript.segments:
        written = by_segment.get(segment.id, "")
        if segment.action is not Action.DUB or not written.strip():
            continue
        where = f"target line of segment {segment.id}"
        text = speakable(checked_length(written, parameters.longest_line, where))
        change = parameters.repairs.get(segment.id, LineChange())
        if ways := tuple(_ways(studios, text, change, where)):
            yield _Job(segment, change, ways)
        else:
            _skip(context, segment, f"there is nothing to speak in {written.strip()[:40]!r}")


def _ways(studios: _Studios, text: str, change: LineChange, where: str) -> Iterator[_Way]:
    """How the line may be spoken; a repair never makes a line unspeakable."""
    if change != LineChange():
        studio = studios.of(change)
        with suppress(InvalidInput):  # then its own engine speaks it, as it did before
            if readable := studio.engine.readable(text):
                yield _Way(readable, studio, change)
    try:
        if readable := studios.own.engine.readable(text):
            yield _Way(readable, studios.own, LineChange())
    except InvalidInput as error:
        raise InvalidInput(error.what, where=where, remedy=error.remedy) from error


def _take(context: StageContext, job: _Job, room: Room) -> Take | None:
    """The line's take; None when no way gives a sound."""
    segment = job.segment
    for way in job.ways:
        manner = way.studio.manner(segment.speaker, way.change.take, f"repairs, {segment.id}")
        lines = way.studio.lines
        take = lines.take(segment.id, way.text, manner, room, way.change.rate_percent)
        if take is not None:
            if way.change != job.change:
                context.warn(f"segment {segment.id}: its repair has no sound, it stays as it was")
            return take
    return None


def _skip(context: StageContext, segment: Segment, reason: str) -> None:
    context.count(n_skipped=1)
    context.warn(f"segment {segment.id} is not dubbed: {reason}")
