"""The voice of the source's speaker himself, as an RVC model (version 2) was trained on it.

Pitch is moved by a constant ratio to the speaker's mean; intonation, times and loudness stay those
of the take. Features of what is said come from ContentVec, F0 from RMVPE or Harvest.
"""

from __future__ import annotations

import numpy as np
import soxr
from numpy.typing import NDArray

from airdub.errors import InvalidInput
from model_images.common.checkpoints import weights_file
from model_images.common.pitch import PitchStatistics, statistics
from model_images.convert_voice.levels import fitted, like
from model_images.convert_voice.protocol import Limits, TrainedVoice
from model_images.convert_voice.rvc import contentvec, rmvpe, voices
from model_images.convert_voice.rvc.conversion import Conversion, Manner
from model_images.convert_voice.rvc.pitch import FRAME_MS, Track, contour, harvest
from model_images.convert_voice.rvc.sound import HEARING_RATE_HZ, HOP

_HERE = ("convert_voice", "rvc")


class Rvc:
    """Conversion by trained voices."""

    uses_reference = True
    uses_trained_voice = True

    def __init__(self, limits: Limits, seed: int) -> None:
        self._limits, self._seed = limits, seed

    def convert(
        self,
        samples: NDArray[np.float64],
        sample_rate_hz: int,
        target: PitchStatistics,
        trained: TrainedVoice | None = None,
    ) -> NDArray[np.float64] | None:
        """In the trained voice; loudness (RMS) and length stay."""
        if trained is None:
            raise InvalidInput("there is no trained voice", where="trained", remedy="name one")
        heard = soxr.resample(samples, sample_rate_hz, HEARING_RATE_HZ, quality="VHQ")
        heard = heard.astype(np.float32)
        if not np.any(heard):
            return None

        def read(first: int, end: int) -> NDArray[np.float32]:
            return heard[first:end]

        f0 = contour(read, len(heard), -(-len(heard) // HOP), tracker(trained))
        own = statistics(f0, FRAME_MS)
        if own is None:
            return None
        moved = f0 * ratio(own, target, self._limits)
        voice = voices.load(trained, content())
        manner = Manner(trained.speaker, trained.index_rate, trained.protect, self._seed)
        spoken = np.concatenate([*Conversion(voice, manner, read, len(heard), moved).blocks()])
        back = soxr.resample(spoken, voice.config.sample_rate_hz, sample_rate_hz, quality="VHQ")
        return like(fitted(back.astype(np.float64), len(samples)), samples)


def ratio(own: PitchStatistics, target: PitchStatistics, limits: Limits) -> float:
    """By how much a take's pitch is moved."""
    wanted = target.mean_hz / own.mean_hz
    return min(max(wanted, limits.lowest_ratio), limits.highest_ratio)


def content() -> contentvec.ContentVec:
    """What hears what is said."""
    files = (weights_file(*_HERE, name) for name in ("contentvec.json", "contentvec.bin"))
    return contentvec.load(*files)


def tracker(trained: TrainedVoice) -> Track:
    """What finds the pitch."""
    if trained.pitch == "harvest":
        return harvest
    return rmvpe.load(weights_file(*_HERE, "rmvpe.pt"))


def create(limits: Limits, seed: int = 0) -> Rvc:
    """The engine."""
    return Rvc(limits, seed)
