"""Programme loudness and true peak by ITU-R BS.1770-5, in streams of any length at 48 kHz.

Blocks of 400 ms overlap by 75 %: energies are kept per 100 ms, an hour is 36,000 numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly, sosfilt

from airdub.units import CLOCK_HZ

Energies = NDArray[np.float64]
"""Weighted mean squares, one per 100 ms."""

HOP = CLOCK_HZ // 10
_HOPS_PER_BLOCK = 4
BLOCK = _HOPS_PER_BLOCK * HOP
_SILENCE_LUFS = -70.0
_RELATIVE_GATE_LU = -10.0
_SPEECH_SHARE = 0.75

# Annex 1, tables 1 and 2: the head's shelf, then the RLB high-pass, for 48 kHz.
_SHELF = (
    (1.53512485958697, -2.69169618940638, 1.19839281085285),
    (-1.69065929318241, 0.73248077421585),
)
_HIGH_PASS = ((1.0, -2.0, 1.0), (-1.99004745483398, 0.99007225036621))
_K_WEIGHTING = np.array([[*zeros, 1.0, *poles] for zeros, poles in (_SHELF, _HIGH_PASS)])

PEAK_OVERSAMPLING = 4
PEAK_CONTEXT = 32
"""Samples on either side that an interpolated sample depends on."""


class LoudnessMeter:
    """Measures a stream block by block.

    Args:
        weights: of the channels' energies (`Layout.weights`).
    """

    def __init__(self, weights: Sequence[float]) -> None:
        self._weights = np.asarray(weights, np.float64)
        self._state = np.zeros((len(_K_WEIGHTING), len(weights), 2))
        self._rest = np.zeros(0)
        self._hops: list[Energies] = []

    def add(self, block: NDArray[np.floating]) -> None:
        """Measure the next (frames, channels) samples, full scale +-1."""
        if not len(block):
            return
        weighted, self._state = sosfilt(
            _K_WEIGHTING, block.T.astype(np.float64), axis=-1, zi=self._state
        )
        power = np.concatenate([self._rest, self._weights @ np.square(weighted)])
        whole = len(power) // HOP * HOP
        self._hops.append(power[:whole].reshape(-1, HOP).mean(axis=1))
        self._rest = power[whole:]

    @property
    def energies(self) -> Energies:
        """Of each full 100 ms so far; of all there is, while that is shorter than a block."""
        hops = np.concatenate([np.zeros(0), *self._hops])
        if len(hops) >= _HOPS_PER_BLOCK or not len(hops) + len(self._rest):
            return hops
        total = hops.sum() * HOP + self._rest.sum()
        return np.full(_HOPS_PER_BLOCK, total / (len(hops) * HOP + len(self._rest)))


def blocks_of(energies: Energies) -> Energies:
    """Mean squares of the overlapping 400 ms blocks."""
    if len(energies) < _HOPS_PER_BLOCK:
        return np.zeros(0)
    return np.convolve(energies, np.full(_HOPS_PER_BLOCK, 1 / _HOPS_PER_BLOCK), "valid")


def gated_lufs(blocks: Energies, *, relative_gate: bool = True) -> float | None:
    """Loudness of blocks above -70 LUFS and the relative gate; None: all of them are silent."""
    loud = blocks[blocks > _power(_SILENCE_LUFS)]
    if len(loud) and relative_gate:
        loud = loud[loud > loud.mean() * 10 ** (_RELATIVE_GATE_LU / 10)]
    return _lufs(float(loud.mean())) if len(loud) else None


def signal_energies(signal: NDArray[np.floating]) -> Energies:
    """Energies of a short (frames,) or (frames, channels) signal, all channels in front."""
    columns = signal[:, None] if signal.ndim == 1 else signal
    meter = LoudnessMeter((1.0,) * columns.shape[1])
    meter.add(columns)
    return meter.energies


def signal_lufs(signal: NDArray[np.floating]) -> float | None:
    """Gated loudness of a short signal; one below 400 ms is measured as a whole."""
    return gated_lufs(blocks_of(signal_energies(signal)))


def speech_blocks(energies: Energies, spans: Iterable[tuple[int, int]]) -> Energies:
    """The 400 ms blocks that lie, to three quarters or more, in spans of speech (ticks)."""
    speech = np.zeros(len(energies))
    for start, end in spans:
        first, last = start // HOP, min(-(-end // HOP), len(energies))
        for hop in range(first, last):
            speech[hop] += min(end, (hop + 1) * HOP) - max(start, hop * HOP)
    share = blocks_of(np.minimum(speech / HOP, 1.0))
    return blocks_of(energies)[share >= _SPEECH_SHARE]


def true_peaks(signal: NDArray[np.floating]) -> NDArray[np.float64]:
    """Highest magnitude over all channels around each sample, by 4x oversampling (Annex 2).

    Args:
        signal: (frames, channels); the outer `PEAK_CONTEXT` frames are context.

    Returns:
        (frames - 2 * PEAK_CONTEXT,): for each inner frame, the highest of the interpolated
        samples from the frame before to the frame after it.
    """
    highest = np.zeros(len(signal), signal.dtype)
    for channel in signal.T:
        between = resample_poly(np.ascontiguousarray(channel), PEAK_OVERSAMPLING, 1)
        steps = np.abs(between, out=between).reshape(-1, PEAK_OVERSAMPLING)
        for phase in steps.T:
            np.maximum(highest, phase, out=highest)
    before, inner = slice(PEAK_CONTEXT - 1, -PEAK_CONTEXT - 1), slice(PEAK_CONTEXT, -PEAK_CONTEXT)
    return np.maximum(highest[before], highest[inner])


def decibels(ratio: float) -> float:
    """20 log10 of an amplitude ratio; silence is -200."""
    return 20 * float(np.log10(max(ratio, 1e-10)))


def amplitude(gain_db: float) -> float:
    """The amplitude ratio of a gain."""
    return float(10 ** (gain_db / 20))


def _lufs(power: float) -> float:
    return -0.691 + 10 * float(np.log10(power))


def _power(lufs: float) -> float:
    return float(10 ** ((lufs + 0.691) / 10))
