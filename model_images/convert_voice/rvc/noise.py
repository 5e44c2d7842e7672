"""Noise that depends on its place alone: two pieces that overlap hear the same in their overlap."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_BLOCK = 128  # frames drawn together


class PlacedNoise:
    """Standard normal noise, so many numbers a frame.

    Args:
        seed: the same numbers each time; not negative.
        stream: another one for each use.
        width: numbers of a frame.
    """

    def __init__(self, seed: int, stream: int, width: int) -> None:
        self._seed, self._stream, self._width = seed, stream, width

    def read(self, first: int, end: int) -> NDArray[np.float32]:
        """Of frames `first` up to `end`, which may begin before the sound does: (frames, width)."""
        blocks = range(first // _BLOCK, -(-end // _BLOCK))
        drawn = np.concatenate([self._block(number) for number in blocks])
        return drawn[first - blocks[0] * _BLOCK :][: end - first]

    def _block(self, number: int) -> NDArray[np.float32]:
        place = (self._seed, self._stream, int(number < 0), abs(number))
        generator = np.random.default_rng(place)
        return generator.standard_normal((_BLOCK, self._width), dtype=np.float32)
