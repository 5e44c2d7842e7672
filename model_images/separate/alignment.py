"""How late a stem lies against the original: one cross-correlation over the whole title."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from airdub.units import CLOCK_HZ
from model_images.common.pcm import Samples

MAX_DELAY = CLOCK_HZ // 2
"""Samples; later or earlier than that is not looked for."""

_BLOCK = 10 * CLOCK_HZ
_SIZE = fft.next_fast_len(_BLOCK + 2 * MAX_DELAY, real=True)
_CLEARLY = 1.01  # a shift must correlate this much better than none
_EMPHASIS = 0.95  # of the previous sample, taken off: without it low notes blur the peak


@dataclass(frozen=True)
class Alignment:
    """Where a stem lies.

    Attributes:
        delay: samples by which it is late; to be taken off its start.
        correlation: normalised correlation there (-1..1); None when one of them is silent.
    """

    delay: int
    correlation: float | None


def align(
    original: Iterable[Samples],
    stem: Iterable[Samples],
    ignored: tuple[tuple[int, int], ...] = (),
) -> Alignment:
    """Delay at which the stem correlates best with the original, within half a second.

    Args:
        original, stem: blocks (frames, channels) at 48 kHz, of any lengths.
        ignored: spans of samples that don't count.
    """
    cross = np.zeros(_SIZE // 2 + 1, np.complex128)
    energies = np.zeros(2)
    pairs = zip(_mono_blocks(original), _mono_blocks(stem), strict=False)
    for number, (whole, part) in enumerate(pairs):
        for sound in (whole, part):
            sound[1:] -= _EMPHASIS * sound[:-1]
            _silence(sound, number * _BLOCK, ignored)
        energies += (whole @ whole, part @ part)
        # blocks are correlated with themselves alone: what a delay carries over a border is lost
        cross += np.conj(fft.rfft(whole, _SIZE)) * fft.rfft(part, _SIZE)
    scale = float(np.sqrt(energies.prod()))
    if not scale:
        return Alignment(0, None)
    by_delay = np.roll(fft.irfft(cross, _SIZE), MAX_DELAY)[: 2 * MAX_DELAY + 1] / scale
    best = int(by_delay.argmax())
    at_none = float(by_delay[MAX_DELAY])
    if by_delay[best] <= max(_CLEARLY * at_none, 0):
        return Alignment(0, at_none)
    return Alignment(best - MAX_DELAY, float(by_delay[best]))


def _mono_blocks(blocks: Iterable[Samples]) -> Iterator[NDArray[np.float64]]:
    """The stream's mean channel in blocks of `_BLOCK` samples, the last filled with silence."""
    held = np.zeros(0)
    for block in blocks:
        held = np.concatenate((held, block.mean(axis=1, dtype=np.float64)))
        while len(held) >= _BLOCK:
            yield held[:_BLOCK].copy()
            held = held[_BLOCK:]
    if len(held):
        yield np.pad(held, (0, _BLOCK - len(held)))


def _silence(sound: NDArray[np.float64], offset: int, spans: tuple[tuple[int, int], ...]) -> None:
    for start, end in spans:
        if start < offset + len(sound) and end > offset:
            sound[max(0, start - offset) : end - offset] = 0
