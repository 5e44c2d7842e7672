"""The source's speakers: what their voices are like, measured once per dialogue stem."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from airdub.transcript import Transcript
from airdub.units import seconds_to_ticks
from model_images.common.pcm import write_wav
from model_images.common.pitch import PitchStatistics, contour, statistics
from model_images.common.references import (
    REFERENCE_RATE_HZ,
    Span,
    read_reference,
    reference_spans,
)
from model_images.convert_voice.features import Features, features, pitch_features
from model_images.runner.context import StageContext
from model_images.runner.items import StoredItem


@dataclass(frozen=True)
class SpeakerVoice:
    """A speaker's pitch and his acoustic features."""

    pitch: PitchStatistics
    features: Features


class SpeakerVoices:
    """The voices of a title's speakers, from up to `longest_s` of each; cached by stem and spans.

    Only times and speakers of the transcript count, so that an edited line changes no voice.
    """

    def __init__(self, context: StageContext, transcript: Transcript, longest_s: float) -> None:
        self._context = context
        self._spans = reference_spans(transcript.segments, seconds_to_ticks(longest_s))

    def measured(self, speaker: str, consent: str) -> SpeakerVoice | None:
        """The speaker's voice; None when no clean voiced speech of his was found.

        Args:
            consent: id of the consent that allows it.
        """
        spans = self._spans.get(speaker)
        if not spans:
            return None
        key = {"dialogue": self._context.request.inputs["dialogue"].sha256, "spans": spans}
        item = self._context.items.get(key, consent) or self._measure(key, spans, consent)
        if item is None or item.data["pitch"] is None:
            return None
        return SpeakerVoice(PitchStatistics(**item.data["pitch"]), dict(item.data["features"]))

    def _measure(
        self, key: dict[str, object], spans: tuple[Span, ...], consent: str
    ) -> StoredItem | None:
        sound = read_reference(self._context.input("dialogue"), spans)
        if not len(sound):
            return None
        pitch = statistics(contour(sound, REFERENCE_RATE_HZ))
        found = features(sound, REFERENCE_RATE_HZ) | (pitch_features(pitch) if pitch else {})
        clip = self._context.scratch / "reference.wav"
        write_wav(clip, sound.astype(np.float32), REFERENCE_RATE_HZ, "PCM_16")
        data = {"pitch": pitch and asdict(pitch), "features": found}
        return self._context.items.put(key, clip, data, consent)
