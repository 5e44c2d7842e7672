"""How the mouth should stand at each frame: phonemes to opening and width.

Each phoneme holds its shape; neighbours melt into each other (coarticulation) by a Gaussian of
40 ms. Lips that must touch (m, b, p) do touch: their closure is laid over the smoothed curve, since
smoothing alone would leave it ajar, the fault that viewers see first.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from airdub.transcript import Phoneme
from airdub.units import ms_to_ticks
from model_images.lipsync.shapes import REST, UNKNOWN, Shape, Table, shapes_of

Series = NDArray[np.float64]

STEP = ms_to_ticks(5)
SMOOTHING_MS, CLOSURE_MS = 40, 12
_MARGIN = ms_to_ticks(250)


@dataclass(frozen=True)
class Targets:
    """Wanted mouth of consecutive frames; arrays (frames,).

    Attributes:
        opening: 0 (shut) to 1, as `Shape`.
        width: 0 (pursed) to 1 (spread).
        closure: 0 to 1: how much the lips must touch, whatever `opening` says.
    """

    opening: Series
    width: Series
    closure: Series


def mouth_targets(phonemes: Iterable[Phoneme], table: Table, middles: NDArray[np.int64]) -> Targets:
    """The mouth at the middle of each frame.

    Args:
        phonemes: of one voice, on the title's timeline; where there is none the mouth rests.
        middles: tick of each frame's middle, rising.
    """
    first = int(middles[0]) - _MARGIN
    steps = (int(middles[-1]) + _MARGIN - first) // STEP + 1
    opening, width = np.full(steps, REST.opening), np.full(steps, REST.width)
    shut = np.zeros(steps)
    for start, end, shape in _timed_shapes(phonemes, table):
        span = slice(max(0, (start - first) // STEP), max(0, (end - first) // STEP))
        opening[span], width[span] = shape
        shut[span] = float(shape.shut)
    places = (middles - first) / STEP
    grid = np.arange(steps)
    return Targets(
        np.interp(places, grid, _smoothed(opening, SMOOTHING_MS)),
        np.interp(places, grid, _smoothed(width, SMOOTHING_MS)),
        np.interp(places, grid, np.minimum(1.0, 1.25 * _smoothed(shut, CLOSURE_MS))),
    )


def blend(own: Series, wanted: Series, weight: Series) -> Series:
    """From one's own curve (weight 0) to the wanted one (weight 1)."""
    return own + weight * (wanted - own)


def _timed_shapes(phonemes: Iterable[Phoneme], table: Table) -> list[tuple[int, int, Shape]]:
    """(start, end, shape) of every part of every phoneme; a part without a shape takes the next."""
    parts: list[tuple[int, int, Shape | None]] = []
    for phoneme in sorted(phonemes, key=lambda phoneme: phoneme.start):
        shapes = shapes_of(phoneme.symbol, table)
        length = phoneme.end - phoneme.start
        for number, shape in enumerate(shapes):
            start = phoneme.start + length * number // len(shapes)
            parts.append((start, phoneme.start + length * (number + 1) // len(shapes), shape))
    timed: list[tuple[int, int, Shape]] = []
    following: Shape = UNKNOWN
    for start, end, shape in reversed(parts):
        following = shape or following
        timed.append((start, end, following))
    return timed[::-1]


def _smoothed(steps: Series, sigma_ms: float) -> Series:
    return gaussian_filter1d(steps, sigma_ms * ms_to_ticks(1) / STEP, mode="nearest")
