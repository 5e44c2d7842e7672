"""A source of two speakers and takes for its lines, as the stage convert_voice is given them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import soxr

from airdub.artifacts import ArtifactRef
from airdub.transcript import Phoneme, Segment, Take, Takes, Transcript
from model_images.common import espeak
from model_images.common.pcm import write_wav
from model_images.convert_voice import stage
from model_images.runner.context import StageContext
from tests.builders import local_store, seconds, stage_context

SENTENCES = (
    "The dog runs along the street and nobody sees him.",
    "He comes back in the morning with a large bone.",
    "Nobody asks him where he has been.",
)
CHANGED = "Everybody asks him where he was that night."


def _voice(text: str, voice: str) -> np.ndarray:
    utterance = espeak.speak(text, voice)
    return soxr.resample(utterance.samples / 32768.0, utterance.sample_rate_hz, 48_000) * 0.5


class Title:
    """A source of two speakers, and takes for its lines, in one store."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = local_store(folder)
        he = _voice("El perro corre por la calle y nadie lo ve, porque es de noche.", "roa/es")
        she = _voice("Vuelve por la mañana con un hueso muy grande.", "roa/es+f2")
        stem = np.zeros((seconds(14), 2), np.float32)
        stem[seconds(1) :][: len(he)] = he[:, None]
        stem[seconds(7) :][: len(she)] = she[:, None]
        self.stem = folder / "dialogue.wav"
        write_wav(self.stem, stem, 48_000)
        spans = (("he", 1.0, 1 + len(he) / 48_000), ("she", 7.0, 7 + len(she) / 48_000))
        self.transcript = self._transcript((*spans, ("ghost", 12.5, 13.5)))

    def _transcript(self, spans: tuple[tuple[str, float, float], ...]) -> Transcript:
        segments = tuple(
            Segment(
                id=f"s{n:04d}", start=seconds(start), end=seconds(end), speaker=speaker, text="x"
            )
            for n, (speaker, start, end) in enumerate(spans, 1)
        )
        return Transcript(language="es", duration=seconds(14), method="test", segments=segments)

    def take(self, number: int, samples: np.ndarray) -> Take:
        wav = self.folder / f"take{number}.wav"
        write_wav(wav, samples.astype(np.float32), 48_000, "PCM_16")
        ref: ArtifactRef = self.store.put(wav, f"inputs/take{number}.wav", "audio/wav")
        return Take(
            segment_id=f"s{number:04d}",
            voice="v",
            audio=ref,
            length=len(samples),
            natural_length=len(samples),
            phonemes=(Phoneme(symbol="a", start=0, end=len(samples)),),
        )

    def takes(self, *texts: str) -> Takes:
        voiced = (_voice(text, "gmw/en-US") for text in texts)
        return Takes(language="en", takes=tuple(self.take(n, x) for n, x in enumerate(voiced, 1)))

    def convert(
        self,
        takes: Takes,
        engine: str = "world",
        transcript: Transcript | None = None,
        consented: tuple[str, ...] = ("he", "she", "ghost"),
        **parameters: Any,
    ) -> tuple[StageContext, Takes]:
        inputs: dict[str, Any] = {
            "transcript": transcript or self.transcript,
            "takes": takes,
            "dialogue": self.stem,
        }
        agreed = {speaker: speaker for speaker in consented}
        context = stage_context(
            self.folder,
            "convert_voice",
            engine,
            {"consented": agreed, **parameters},
            inputs,
        )
        stage.run(context)
        refs = context.store_outputs()
        assert sorted(refs) == sorted(["takes", *(f"take/{t.segment_id}" for t in takes.takes)])
        return context, Takes.model_validate_json(context.fetch(refs["takes"]).read_bytes())
