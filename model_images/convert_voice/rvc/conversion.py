"""A sound in a trained voice, piece by piece: memory doesn't depend on how long it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from model_images.common.torch_runtime import in_batches
from model_images.convert_voice.rvc.config import VoiceConfig
from model_images.convert_voice.rvc.contentvec import REACH, ContentVec
from model_images.convert_voice.rvc.noise import PlacedNoise
from model_images.convert_voice.rvc.pieces import CONTEXT, Piece, faded, pieces
from model_images.convert_voice.rvc.pitch import coarse
from model_images.convert_voice.rvc.retrieval import Retrieval
from model_images.convert_voice.rvc.sound import Read, hear
from model_images.convert_voice.rvc.source import excitation, phases
from model_images.convert_voice.rvc.synthesizer import Synthesizer

_HIDDEN, _EXCITATION = 0, 1  # streams of noise


@dataclass(frozen=True)
class Voice:
    """A trained voice, loaded.

    Attributes:
        model: on the device.
        retrieval: None where it has no index.
    """

    config: VoiceConfig
    model: Synthesizer
    content: ContentVec
    retrieval: Retrieval | None


@dataclass(frozen=True)
class Manner:
    """How a voice speaks: see `TrainedVoice`."""

    speaker: int = 0
    index_rate: float = 0.0
    protect: float = 0.5
    seed: int = 0


class Conversion:
    """The conversion of one sound.

    Args:
        read: see `sound.Read`.
        samples: the sound's length at 16 kHz.
        f0_hz: (frames,), what is to be spoken; 0 where unvoiced.
    """

    def __init__(
        self, voice: Voice, manner: Manner, read: Read, samples: int, f0_hz: NDArray[np.float64]
    ) -> None:
        config = voice.config
        self._voice, self._manner = voice, manner
        self._read, self._samples, self._frames = read, samples, len(f0_hz)
        self._f0 = np.pad(f0_hz, (CONTEXT, CONTEXT + 1), mode="reflect")
        self._began = phases(self._f0, config.sample_rate_hz, config.frame_samples)
        self._hidden = PlacedNoise(manner.seed, _HIDDEN, config.channels)
        self._noise = PlacedNoise(manner.seed, _EXCITATION, config.frame_samples)

    def blocks(self) -> Iterator[NDArray[np.float32]]:
        """The sound in the voice and at its rate, full scale +-1, one block after the other.

        Raises:
            ResourceExhausted: memory doesn't suffice for one piece.
        """

        def work(one: Sequence[Piece]) -> list[NDArray[np.float32]]:
            return [self._made(piece) for piece in one]

        planned = pieces(self._frames)
        made = zip(planned, in_batches(planned, 1, work), strict=True)
        return faded(made, self._voice.config.frame_samples)

    @torch.inference_mode()
    def _made(self, piece: Piece) -> NDArray[np.float32]:
        first, end = piece.made
        config, model = self._voice.config, self._voice.model
        place = slice(first + CONTEXT, end + CONTEXT)
        f0 = self._f0[place]
        excited = excitation(
            f0, self._began[place], self._noise.read(first, end), config.sample_rate_hz
        )
        weights = model.emb_g.weight
        features, hidden, source = (
            torch.from_numpy(values)[None].to(weights.device, weights.dtype)
            for values in (self._features(first, end, f0), self._hidden.read(first, end).T, excited)
        )
        spoken = model(
            features,
            torch.from_numpy(coarse(f0))[None].to(weights.device),
            torch.tensor([self._manner.speaker], device=weights.device),
            hidden,
            source[None],
        )[0, 0]
        kept = slice(
            (piece.first - first) * config.frame_samples, (piece.end - first) * config.frame_samples
        )
        return spoken[kept].float().cpu().numpy().copy()

    def _features(self, first: int, end: int, f0: NDArray[np.float64]) -> NDArray[np.float32]:
        """What is said, (frames, size), drawn to how the voice says it, less so where unvoiced."""
        heard = hear(self._read, self._samples, first, end, REACH)
        content = self._voice.content.features(heard)
        rate, retrieval = self._manner.index_rate, self._voice.retrieval
        if retrieval is None or rate == 0:
            return content.repeat(2, axis=0)
        drawn = (retrieval.near(content) - content) * rate
        share = np.where(f0 > 0, 1.0, self._protected()).astype(np.float32)
        return content.repeat(2, axis=0) + drawn.repeat(2, axis=0) * share[:, None]

    def _protected(self) -> float:
        """How much of the index unvoiced sounds get; from 0.5 on they aren't protected."""
        return self._manner.protect if self._manner.protect < 0.5 else 1.0
