"""convert_voice: every take in the voice of the speaker whose line it replaces, if he agreed.

Takes are cached one by one, by their sound and the speaker's measured pitch; the speaker's pitch
depends on the source alone. So editing a line converts that line again and no other. Speakers
without a consent aren't even measured: their takes stay in the voice that spoke them.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict
from typing import Literal

import numpy as np
from pydantic import Field

from airdub.consents import USED_SPEAKERS
from airdub.errors import InvalidInput, PolicyRefused
from airdub.model import Document
from airdub.transcript import Take, Takes, Transcript
from airdub.units import CLOCK_HZ
from model_images.common.pcm import read_info, read_span, write_wav
from model_images.common.pitch import PitchStatistics, quick_contour, statistics
from model_images.convert_voice.features import Features, average, features, pitch_features
from model_images.convert_voice.protocol import Limits, TrainedVoice, VoiceConverter
from model_images.convert_voice.speakers import SpeakerVoice, SpeakerVoices
from model_images.runner.context import StageContext
from model_images.runner.items import StoredItem


class Parameters(Document):
    """Parameters of the stage.

    Attributes:
        without_consent: `refuse` makes no takes at all where somebody didn't agree.
        consented: the speakers whose voice may be cloned: the consent's id by speaker.
        trained: models of persons' voices, for an engine that uses them, by the consent that allows
            it: a person's model speaks his own lines and nobody else's.
        reference_s: longest reference of a speaker that is measured.
        lowest_ratio, highest_ratio, deviation_ratio: see `Limits`.
    """

    consented: dict[str, str] = Field(default_factory=dict)
    without_consent: Literal["stock", "refuse"] = "stock"
    trained: dict[str, TrainedVoice] = Field(default_factory=dict)
    reference_s: float = Field(default=30.0, gt=0)
    lowest_ratio: float = Field(default=0.5, gt=0, le=1)
    highest_ratio: float = Field(default=2.0, ge=1)
    deviation_ratio: float = Field(default=2.0, ge=1)

    @property
    def limits(self) -> Limits:
        """The limits of the conversion."""
        return Limits(self.lowest_ratio, self.highest_ratio, self.deviation_ratio)


def run(context: StageContext) -> None:
    """Convert the takes; outputs `takes` and, for each of them, `take/<segment id>`."""
    parameters = Parameters.model_validate(context.parameters)
    takes = context.document("takes", Takes)
    transcript = context.document("transcript", Transcript)
    engine: VoiceConverter = context.load_engine().create(parameters.limits, context.request.seed)
    if engine.uses_reference:
        takes = _Conversion(context, engine, parameters, transcript).all(takes)
    else:
        context.count(n_skipped=len(takes.takes))
    for take in takes.takes:
        context.adopt(f"take/{take.segment_id}", take.audio)
    context.write_document("takes", takes)


class _Conversion:
    """One run over a title's takes."""

    def __init__(
        self,
        context: StageContext,
        engine: VoiceConverter,
        parameters: Parameters,
        transcript: Transcript,
    ) -> None:
        self._context = context
        self._engine = engine
        self._parameters = parameters
        self._speaker_of = {segment.id: segment.speaker for segment in transcript.segments}
        self._voices = SpeakerVoices(context, transcript, parameters.reference_s)
        self._found: dict[str, list[tuple[float, Features]]] = defaultdict(list)
        self._counts = {"items_computed": 0, "items_cached": 0}

    def all(self, takes: Takes) -> Takes:
        """Convert the takes and record what was measured."""
        speakers = sorted({self._speaker(take) for take in takes.takes})
        strangers = [one for one in speakers if one not in self._parameters.consented]
        self._refuse(strangers)
        voices = self._measured(speakers)
        converted = []
        for number, take in enumerate(takes.takes, 1):
            voice = voices[self._speaker(take)]
            converted.append(self._converted(take, voice.pitch) if voice else self._kept(take))
            self._context.progress(number, len(takes.takes), "lines")
        for name, count in self._counts.items():
            self._context.measure(name, count)
        self._context.measure(
            "voices",
            {
                speaker: {"source": voice.features, "takes": average(self._found[speaker])}
                for speaker, voice in voices.items()
                if voice
            },
        )
        return takes.model_copy(
            update={"takes": tuple(converted), "without_consent": tuple(strangers)}
        )

    def _measured(self, speakers: list[str]) -> dict[str, SpeakerVoice | None]:
        """The voices of those who agreed; None where a speaker's takes stay as they were spoken."""
        voices: dict[str, SpeakerVoice | None] = {}
        for speaker in speakers:
            consent = self._parameters.consented.get(speaker)
            voices[speaker], why = None, f"no consent to clone the voice of {speaker}"
            if consent and self._engine.uses_trained_voice and not self._trained(speaker):
                why = f"no trained voice of {speaker} under the consent {consent}"
            elif consent:
                voices[speaker] = self._voices.measured(speaker, consent)
                why = f"no clean voiced speech of {speaker} in the source"
            if voices[speaker] is None:
                self._context.warn(f"{why}: his takes stay as spoken")
        self._context.measure(
            USED_SPEAKERS, [speaker for speaker, voice in voices.items() if voice]
        )
        return voices

    def _refuse(self, strangers: list[str]) -> None:
        """Raises PolicyRefused for those who didn't agree, where that is the policy."""
        if strangers and self._parameters.without_consent == "refuse":
            raise PolicyRefused(
                f"no consent to clone the voice of {', '.join(strangers)}",
                where="convert_voice",
                remedy="`airdub cast` and `airdub consent grant`, or a profile with stock voices",
            )

    def _speaker(self, take: Take) -> str:
        try:
            return self._speaker_of[take.segment_id]
        except KeyError:
            raise InvalidInput(
                f"there is a take for {take.segment_id!r}, which is no segment of the transcript",
                where="takes, segment_id",
                remedy="clear the task synthesize, so that takes and transcript are of one source",
            ) from None

    def _trained(self, speaker: str) -> TrainedVoice | None:
        """The model of a speaker who agreed, where the engine uses one."""
        if not self._engine.uses_trained_voice:
            return None
        return self._parameters.trained.get(self._parameters.consented[speaker])

    def _kept(self, take: Take) -> Take:
        self._context.count(n_skipped=1)
        return take

    def _converted(self, take: Take, target: PitchStatistics) -> Take:
        key = {
            "take": take.audio.sha256,
            "target_mean_hz": target.mean_hz,
            "target_deviation_semitones": target.deviation_semitones,
            "limits": asdict(self._parameters.limits),
        }
        speaker = self._speaker(take)
        consent, trained = self._parameters.consented[speaker], self._trained(speaker)
        if trained:
            key |= {"trained": trained.model_dump(), "seed": self._context.request.seed}
        item = self._context.items.get(key, consent)
        self._counts["items_computed" if item is None else "items_cached"] += 1
        item = item or self._convert(key, take, target, trained)
        if not item.data["converted"]:
            self._context.warn(f"take {take.segment_id} has no voiced sound: it stays as spoken")
            return self._kept(take)
        self._context.count(n_scored=1)
        self._found[speaker].append((take.length, dict(item.data["features"])))
        return take.model_copy(update={"audio": item.file})

    def _convert(
        self,
        key: dict[str, object],
        take: Take,
        target: PitchStatistics,
        trained: TrainedVoice | None,
    ) -> StoredItem:
        consent = self._parameters.consented[self._speaker(take)]
        source = self._context.fetch(take.audio)
        samples = read_span(source, 0, read_info(source).frames)[:, 0].astype(np.float64)
        spoken = self._engine.convert(samples, CLOCK_HZ, target, trained)
        if spoken is None:
            return self._context.items.put(key, source, {"converted": False}, consent)
        wav = self._context.scratch / "take.wav"
        write_wav(wav, spoken.astype(np.float32), CLOCK_HZ, "PCM_16")
        pitch = statistics(quick_contour(spoken, CLOCK_HZ))
        found = features(spoken, CLOCK_HZ) | (pitch_features(pitch) if pitch else {})
        data = {"converted": True, "features": found}
        return self._context.items.put(key, wav, data, consent)
