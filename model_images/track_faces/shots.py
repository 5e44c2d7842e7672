"""Where one camera shot ends and the next begins.

Content detection as in PySceneDetect's adaptive detector: pictures are compared as thumbnails, and
a cut is a change that is large and stands out from the changes around it, so that a pan or a
shaking camera is none. Dissolves aren't found.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from model_images.common.pictures import Picture

THUMBNAIL = (48, 32)
NEIGHBOURS = 3

MIN_CHANGE = 10.0
"""Change (see `change`) below which nothing is a cut; talking heads reach 3, cuts 15 - 60."""

MIN_PROMINENCE = 3.0
"""How many times the mean change of its neighbours a cut's change must be."""


def thumbnail(picture: Picture) -> NDArray[np.float32]:
    """A picture's Y, Cb, Cr as float32 (3, 32, 48), 0..255, each value the mean of its place."""
    width, height = THUMBNAIL
    small = picture.frame.reformat(
        width=width, height=height, format="yuv444p", interpolation="AREA"
    )
    return small.to_ndarray().astype(np.float32)


def change(before: NDArray[np.float32], after: NDArray[np.float32]) -> float:
    """How much two thumbnails differ: half by places, half by what they are made of.

    Two views of one scene share their colours and move their shapes; two scenes differ in both.
    """
    places = float(np.abs(after - before).mean())
    contents = float(np.abs(np.sort(after, axis=None) - np.sort(before, axis=None)).mean())
    return places + contents


def is_cut(changes: NDArray[np.float64], position: int) -> bool:
    """Whether the change at a position of a window of changes is a cut."""
    others = np.delete(changes, position)
    return bool(
        changes[position] >= MIN_CHANGE
        and changes[position] >= MIN_PROMINENCE * (others.mean() if others.size else 0.0)
    )


def with_cuts(pictures: Iterable[Picture]) -> Iterator[tuple[Picture, bool]]:
    """Each picture, with True when a new shot begins with it.

    Looks `NEIGHBOURS` pictures ahead and holds no more than those. The first is no cut.
    """
    waiting: deque[Picture] = deque()
    changes: deque[float] = deque(maxlen=2 * NEIGHBOURS + 1)
    last: NDArray[np.float32] | None = None
    for picture in pictures:
        small = thumbnail(picture)
        changes.append(0.0 if last is None else change(last, small))
        last = small
        waiting.append(picture)
        if len(waiting) > NEIGHBOURS:
            yield waiting.popleft(), _verdict(changes, NEIGHBOURS)
    while waiting:
        ahead = len(waiting) - 1
        yield waiting.popleft(), _verdict(changes, ahead)


class ShotReader:
    """A video's pictures, each with True when a new shot begins with it, wherever reading begins.

    Args:
        read: gives the pictures from a frame up to another.
        frames: of the video.
    """

    def __init__(self, read: Callable[[int, int], Iterator[Picture]], frames: int) -> None:
        self.frames = frames
        self._read = read
        self._pictures: Iterator[tuple[Picture, bool]] = iter(())
        self._next: int | None = None

    def at(self, index: int) -> tuple[Picture, bool]:
        """The picture of a number; the one after the last asked for comes without seeking."""
        if index != self._next:
            self._pictures = self._from(index)
        self._next = None  # should reading fail, the next begins anew
        picture, cut = next(self._pictures)
        self._next = index + 1
        return picture, cut

    def _from(self, index: int) -> Iterator[tuple[Picture, bool]]:
        """Begins so much earlier that verdicts are those of a reader from the beginning."""
        first = max(0, index - NEIGHBOURS - 1)
        pictures = with_cuts(self._read(first, self.frames))
        return islice(pictures, index - first, None)


def _verdict(changes: deque[float], ahead: int) -> bool:
    """Whether the picture that has `ahead` later ones in the window starts a shot."""
    position = len(changes) - 1 - ahead
    window = np.array(changes)[max(0, position - NEIGHBOURS) :]
    return is_cut(window, min(position, NEIGHBOURS))
