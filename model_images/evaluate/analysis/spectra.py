"""Mel spectra of lines every 5 ms: of the take at its place, and of what is heard there.

Slaney's mel bands as librosa computes them, 32 of them over 100-8000 Hz, Hann windows of 21 ms.
Blocks of 5 s are read, so that a long line needs no more memory than its spectra.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray

from airdub.errors import EngineFailed
from airdub.timing.plan import Placement
from airdub.units import CLOCK_HZ, ms_to_ticks
from model_images.common.pcm import read_info, read_span
from model_images.evaluate.analysis.places import Instants, positions_in_take
from model_images.evaluate.analysis.voice import background_under, heard_voice
from model_images.evaluate.evidence import DubbedLine, Evidence

Spectra = NDArray[np.float32]
"""(instants, BANDS) power."""

Levels = NDArray[np.float32]

STEP = ms_to_ticks(5)
BANDS = 32
_WINDOW = 1024
_LOWEST_HZ, _HIGHEST_HZ = 100, 8000
_BLOCK = 1000  # instants
_SHAPE = np.hanning(_WINDOW).astype(np.float32)


def instants_of(placement: Placement, reach: int = 0) -> Instants:
    """Middles of 5 ms steps from `reach` ticks before the line to as many after it, in ticks from
    the line's start."""
    return np.arange(-(reach // STEP) * STEP, placement.length + reach, STEP) + STEP // 2


def take_spectra(evidence: Evidence, line: DubbedLine, instants: Instants) -> Spectra:
    """What should be heard: the take's own spectra where the plan puts them; 0 in silences.

    Raises:
        EngineFailed: the take isn't 48 kHz mono.
    """
    placement, take = line.placement, line.take
    spectra = np.zeros((len(instants), BANDS), np.float32)
    if placement is None or take is None:
        return spectra
    file = evidence.take_file(take)
    info = read_info(file)
    if (info.sample_rate_hz, info.channels) != (CLOCK_HZ, 1):
        raise EngineFailed(
            f"the take has {info.sample_rate_hz} Hz and {info.channels} channels",
            where=f"takes, segment {line.id}",
        )
    positions = positions_in_take(placement, instants)
    sounding = np.flatnonzero(np.isfinite(positions))
    centres = np.rint(positions[sounding]).astype(np.int64)
    spectra[sounding] = _spectra(lambda a, b: read_span(file, a, b)[:, 0], centres)
    return spectra


def heard_spectra(evidence: Evidence, instants: Instants) -> Spectra:
    """What is heard of the dub's voice at these ticks of the title, which rise."""
    return _spectra(lambda a, b: heard_voice(evidence, a, b), instants)


def under_spectra(evidence: Evidence, instants: Instants) -> Spectra:
    """The background under it, likewise."""
    return _spectra(lambda a, b: background_under(evidence, a, b), instants)


def decibels(spectra: Spectra) -> Levels:
    """Levels over all bands, (instants,), dBFS; -120 is silence."""
    return np.asarray(10 * np.log10(spectra.sum(axis=1) / _full_scale() + 1e-12), np.float32)


def _spectra(read: Callable[[int, int], NDArray[np.float32]], centres: Instants) -> Spectra:
    """Power in each band around each centre; centres rise."""
    blocks = [np.zeros((0, BANDS), np.float32)]
    for first in range(0, len(centres), _BLOCK):
        block = centres[first : first + _BLOCK] - _WINDOW // 2
        samples = read(int(block[0]), int(block[-1]) + _WINDOW)
        windows = np.lib.stride_tricks.sliding_window_view(samples, _WINDOW)[block - block[0]]
        power = np.square(np.abs(np.fft.rfft(windows * _SHAPE, axis=1)))
        blocks.append((power @ _bank()).astype(np.float32))
    return np.concatenate(blocks)


@cache
def _full_scale() -> float:
    """Power, summed over all bands, of white noise whose mean square is 1 before its filtering."""
    return float(np.square(_SHAPE).sum() * _bank().sum())


@cache
def _bank() -> NDArray[np.float32]:
    from librosa.filters import mel

    bank = mel(sr=CLOCK_HZ, n_fft=_WINDOW, n_mels=BANDS, fmin=_LOWEST_HZ, fmax=_HIGHEST_HZ)
    return np.asarray(bank.T, np.float32)
