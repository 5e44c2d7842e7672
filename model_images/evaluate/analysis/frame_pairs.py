"""Which picture of the deliverable is shown when a picture of the source was."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from model_images.common.pictures import Picture

_FOREVER = float("inf")


@dataclass(frozen=True)
class Pair:
    """A picture of the source, and what the deliverable shows at its time.

    Attributes:
        shown: None when nothing new comes at its time: the frame is missing.
    """

    source: Picture
    shown: Picture | None


def pair_up(source: Iterable[Picture], shown: Iterable[Picture]) -> Iterator[Pair]:
    """One pair for each picture of the source, in order; two of the source's are held.

    A picture is shown at another's time when it begins within half of the time to that one's
    nearer neighbour; times count from each film's first picture and may be of any variable rate.
    """
    coming = iter(shown)
    waiting = next(coming, None)
    for picture, reach in _with_reach(source):
        while waiting is not None and waiting.tick < picture.tick - reach:
            waiting = next(coming, None)  # one too many: it takes no picture's place
        if waiting is not None and waiting.tick <= picture.tick + reach:
            yield Pair(picture, waiting)
            waiting = next(coming, None)
        else:
            yield Pair(picture, None)


def _with_reach(pictures: Iterable[Picture]) -> Iterator[tuple[Picture, float]]:
    """Each picture with half the ticks to its nearer neighbour."""
    held: Picture | None = None
    before = _FOREVER
    for picture in pictures:
        if held is not None:
            after = picture.tick - held.tick
            yield held, min(before, after) / 2
            before = after
        held = picture
    if held is not None:
        yield held, before / 2


def same_pixels(one: Picture, other: Picture) -> bool:
    """Whether two pictures are the same bit for bit, whatever their depth."""
    if one is other:
        return True
    if one.frame.format.name != other.frame.format.name or one.layout != other.layout:
        return False
    if one.frame.format.components[0].bits > 8:
        return np.array_equal(one.frame.to_ndarray(), other.frame.to_ndarray())
    return all(np.array_equal(a, b) for a, b in zip(one.planes, other.planes, strict=True))
