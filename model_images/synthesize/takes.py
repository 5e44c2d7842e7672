"""An engine's speech as a take: 48 kHz, cut to the sound, its phonemes on the same clock."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import soxr
from numpy.typing import NDArray

from airdub.transcript import Phoneme
from airdub.units import CLOCK_HZ, ms_to_ticks, rescale
from model_images.common.espeak import Sound
from model_images.synthesize.protocol import Speech

EDGE = ms_to_ticks(20)
"""Longest silence left at either end, in ticks."""

_FADE = ms_to_ticks(5)
_SILENCE_DB = -45.0  # under the line's peak; flite's pauses are noise at about -50 dB
_TAIL = ms_to_ticks(80)  # a last vowel rings on after its label; noise further on isn't speech
_CEILING = 0.5  # headroom: a take whose pitch is moved later has other peaks


@dataclass(frozen=True)
class CutTake:
    """Samples, float32 (n,) at 48 kHz, and the phonemes in ticks from the first of them."""

    samples: NDArray[np.float32]
    phonemes: tuple[Phoneme, ...]


def cut_take(speech: Speech) -> CutTake | None:
    """Resample (soxr, very high quality), cut silence at the ends, fade over 5 ms.

    Returns:
        None when nothing can be heard.
    """
    if not speech.sounds:
        return None
    rate_hz = speech.sample_rate_hz
    samples = soxr.resample(speech.samples, rate_hz, CLOCK_HZ, quality="VHQ")
    first = rescale(speech.sounds[0].start, rate_hz, CLOCK_HZ)
    last = rescale(speech.sounds[-1].end, rate_hz, CLOCK_HZ)
    span = sounding_span(samples, first, last + _TAIL)
    if span is None:
        return None
    phonemes = place(speech.sounds, rate_hz, *span)
    return CutTake(faded(limited(samples[slice(*span)])), phonemes) if phonemes else None


def sounding_span(samples: NDArray[np.float32], first: int, last: int) -> tuple[int, int] | None:
    """First and last audible sample between `first` and `last`, widened by `EDGE`.

    Returns:
        None for silence.
    """
    level = np.abs(samples[first:last])
    peak = float(level.max(initial=0.0))
    if peak == 0.0:
        return None
    loud = first + np.flatnonzero(level > peak * 10 ** (_SILENCE_DB / 20))
    return max(0, int(loud[0]) - EDGE), min(len(samples), int(loud[-1]) + 1 + EDGE)


def place(
    sounds: tuple[Sound, ...], sample_rate_hz: int, start: int, end: int
) -> tuple[Phoneme, ...]:
    """Phonemes inside the ticks start..end of the speech, counted from `start`."""
    placed = []
    for sound in sounds:
        first = max(start, rescale(sound.start, sample_rate_hz, CLOCK_HZ))
        last = min(end, rescale(sound.end, sample_rate_hz, CLOCK_HZ))
        if first < last:
            placed.append(Phoneme(symbol=sound.symbol, start=first - start, end=last - start))
    return tuple(placed)


def limited(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """The samples, turned down to a peak of -6 dB where they are louder."""
    peak = float(np.abs(samples).max())
    return samples * np.float32(_CEILING / peak) if peak > _CEILING else samples


def faded(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """A copy with raised-cosine fades at both ends, so that the cut is not heard."""
    length = min(_FADE, len(samples) // 2)
    ramp = (0.5 - 0.5 * np.cos(np.pi * np.arange(length) / max(1, length))).astype(np.float32)
    copy = samples.copy()
    copy[:length] *= ramp
    copy[len(copy) - length :] *= ramp[::-1]
    return copy
