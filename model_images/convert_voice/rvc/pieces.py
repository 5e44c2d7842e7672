"""Long sounds in pieces: each is made with what is around it, and fades into the next. Pure.

Frames are of 10 ms.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LONGEST = 2000
"""Frames of a piece without what is around it: 20 s keep a full-size model below 3 GB."""

CONTEXT = 100
"""Frames to either side that are made and thrown away, as the official program does."""

FADE = 10
"""Frames that two neighbours share: the first goes, the second comes."""


@dataclass(frozen=True)
class Piece:
    """A piece of a sound, in frames.

    Attributes:
        first, end: what is kept; the last `FADE` frames are also the next piece's first.
    """

    first: int
    end: int
    is_first: bool
    is_last: bool

    @property
    def made(self) -> tuple[int, int]:
        """What has to be made, an even number of frames; it reaches beyond the sound's ends."""
        return self.first - CONTEXT, self.end + CONTEXT + (self.end - self.first) % 2


def pieces(frames: int, longest: int | None = None) -> list[Piece]:
    """Pieces of about equal lengths that cover a sound; all begin at an even frame.

    Args:
        longest: frames of a piece at most; None: `LONGEST`.
    """
    count = max(1, -(-frames // (longest or LONGEST)))
    borders = [frames * n // count // 2 * 2 for n in range(count)] + [frames]
    return [
        Piece(
            first=borders[n],
            end=min(frames, borders[n + 1] + (FADE if n < count - 1 else 0)),
            is_first=n == 0,
            is_last=n == count - 1,
        )
        for n in range(count)
    ]


def faded(
    made: Iterable[tuple[Piece, NDArray[np.float32]]], frame_samples: int
) -> Iterator[NDArray[np.float32]]:
    """The whole sound, block by block.

    Args:
        made: each piece with the samples of what is kept of it, in order.
    """
    overlap = FADE * frame_samples
    rise = (np.arange(overlap, dtype=np.float32) + 0.5) / overlap
    going = np.zeros(0, np.float32)
    for piece, samples in made:
        if not piece.is_first:
            samples[:overlap] = samples[:overlap] * rise + going * (1 - rise)
        if piece.is_last:
            yield samples
        else:
            yield samples[:-overlap]
            going = samples[-overlap:].copy()
