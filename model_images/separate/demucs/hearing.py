"""Any span of a title as HTDemucs hears it: stereo at 44.1 kHz, levelled over the whole title."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soxr

from airdub.units import CLOCK_HZ
from model_images.common import pcm
from model_images.common.pcm import PcmInfo, Samples

RATE_HZ = 44_100

_CLOCK_STEP, _RATE_STEP = 160, 147  # samples of the same time
_AROUND = 16  # such steps, far more than the resampler's filter hears


@dataclass(frozen=True)
class Hearing:
    """A title's channels with speech; see `listen`.

    Attributes:
        channels: one, which is heard on both sides, or two.
        length: samples at 44.1 kHz.
        mean, scale: what is taken off, and what divides the rest.
    """

    original: Path
    channels: tuple[int, ...]
    length: int
    mean: np.float32
    scale: np.float32

    def span(self, start: int, end: int) -> Samples:
        """Samples `start` up to `end` (frames, 2); beyond the sound there is silence."""
        first, last = start // _RATE_STEP - _AROUND, -(-end // _RATE_STEP) + _AROUND
        sound = pcm.read_span(self.original, first * _CLOCK_STEP, last * _CLOCK_STEP)
        sides = sound[:, self.channels if len(self.channels) == 2 else self.channels * 2]
        sides = soxr.resample(sides, CLOCK_HZ, RATE_HZ, quality="VHQ")
        inside = slice(max(0, -start), max(0, self.length - start))
        heard = np.zeros((end - start, 2), np.float32)
        heard[inside] = sides[start - first * _RATE_STEP :][: end - start][inside]
        heard[inside] = (heard[inside] - self.mean) / self.scale
        return heard

    def restored(self, voice: Samples) -> Samples:
        """Samples (frames, 2) that the model made, as loud as the title, by its channels.

        What was taken off is no voice: it stays in the background.
        """
        sides = voice * self.scale
        return sides if len(self.channels) == 2 else sides.mean(axis=1, keepdims=True)


def listen(original: Path, info: PcmInfo) -> Hearing:
    """A title as it is to be heard, levelled by mean and deviation as `demucs` does it."""
    channels = pcm.dialogue_channels(info.channels)
    total = squares = 0.0
    for block in pcm.read_blocks(original):
        heard = block[:, channels].mean(axis=1, dtype=np.float64)
        total += float(heard.sum())
        squares += float(heard @ heard)
    mean = total / info.frames
    deviation = max(squares / info.frames - mean**2, 0.0) ** 0.5
    length = -(-info.frames * _RATE_STEP // _CLOCK_STEP)
    return Hearing(original, channels, length, np.float32(mean), np.float32(deviation + 1e-8))


def clock_span(start: int, length: int) -> tuple[int, int]:
    """About which samples at 48 kHz have the time of some at 44.1 kHz."""
    return start * _CLOCK_STEP // _RATE_STEP, -(-(start + length) * _CLOCK_STEP // _RATE_STEP)
