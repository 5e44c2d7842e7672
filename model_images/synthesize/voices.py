"""Which engine speaks a line, and with which of its voices."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from airdub.errors import InvalidInput
from airdub.model import Document
from airdub.repair.plan import FASTEST_PERCENT, SLOWEST_PERCENT
from airdub.requests import EngineRef
from airdub.transcript import Transcript
from airdub.units import seconds_to_ticks
from model_images.common.pitch import quick_contour, statistics
from model_images.common.references import REFERENCE_RATE_HZ, read_reference, reference_spans
from model_images.runner.context import StageContext
from model_images.synthesize.lines import LineSpeaker
from model_images.synthesize.protocol import Manner, Synthesizer

_PITCH_REFERENCE = seconds_to_ticks(10)


class LineChange(Document):
    """How a repaired line is spoken (see `airdub.repair.LineRepair`).

    Attributes:
        engine: None is the request's own.
    """

    engine: EngineRef | None = None
    take: int = Field(default=0, ge=0)
    rate_percent: int | None = Field(default=None, ge=SLOWEST_PERCENT, le=FASTEST_PERCENT)


class Pitches:
    """Median F0 of the source's speakers, measured when asked for."""

    def __init__(self, context: StageContext, transcript: Transcript) -> None:
        self._context = context
        self._spans = reference_spans(transcript.segments, _PITCH_REFERENCE)
        self._found: dict[str, float | None] = {}

    def of(self, speaker: str) -> float | None:
        """Hz; None where no clean voiced speech of his is at hand."""
        if speaker not in self._found:
            self._found[speaker] = self._measure(speaker)
        return self._found[speaker]

    def _measure(self, speaker: str) -> float | None:
        if not self._context.has_input("dialogue") or speaker not in self._spans:
            return None
        sound = read_reference(self._context.input("dialogue"), self._spans[speaker])
        found = statistics(quick_contour(sound, REFERENCE_RATE_HZ)) if len(sound) else None
        return found and found.mean_hz


class Studio:
    """One engine, its voices for a title's speakers, and its lines.

    Args:
        chosen: the engine's voice for a speaker, where it isn't to be chosen by his pitch.
        other: the engine, if it isn't the request's own.

    Attributes:
        spoken: the usual voice of each speaker that it was asked for.
    """

    def __init__(
        self,
        context: StageContext,
        language: str,
        pitches: Pitches,
        chosen: Mapping[str, str],
        other: EngineRef | None = None,
    ) -> None:
        self.engine: Synthesizer = context.load_engine(other).create(language)
        self.lines = LineSpeaker(context.items_by(other), self.engine, language, context.scratch)
        self._context = context
        self._pitches = pitches
        self.spoken: dict[str, str] = {}
        self._voices = {name: self._checked(name, voice) for name, voice in chosen.items()}
        for note in self.engine.notes:
            context.warn(note)

    def manner(self, speaker: str, take: int, where: str) -> Manner:
        """How a take of a speaker's line is spoken.

        Raises:
            InvalidInput: the engine has no such take.
        """
        self.spoken[speaker] = self._voice(speaker)
        manners = self.engine.manners(self.spoken[speaker])
        if take >= len(manners):
            raise InvalidInput(
                f"the engine has {len(manners)} takes of a line, there is no take {take}",
                where=where,
                remedy="plan the repair with the engines of this version",
            )
        return manners[take]

    def _checked(self, speaker: str, voice: str) -> str:
        """A voice that was chosen, if the engine has it: any other would be another person."""
        try:
            return self.engine.checked_voice(voice)
        except InvalidInput as error:
            raise InvalidInput(
                error.what,
                where=f"voice of {speaker}",
                remedy=f"{error.remedy}; `airdub series voice` gives a character another one",
            ) from error

    def _voice(self, speaker: str) -> str:
        if speaker not in self._voices:
            pitch_hz = self._pitches.of(speaker)
            self._voices[speaker] = voice = self.engine.voice_for(pitch_hz)
            self._context.log.info("%s (F0 %s Hz) gets the voice %s", speaker, pitch_hz, voice)
        return self._voices[speaker]
