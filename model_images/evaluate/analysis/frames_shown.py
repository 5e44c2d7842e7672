"""Does a frame of the deliverable show its own frame of the source, or one that came before?"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from model_images.common.pictures import Plane
from model_images.evaluate.analysis.frame_errors import Mask

_SIDE = 128  # of the small pictures' long side
_NEIGHBOURS = 2  # frames before and after that may be shown instead
_CLEARLY = 0.5  # another frame's error over the own one's
_LEAST_ERROR = 0.05  # mean square; below it nothing moves


@dataclass(frozen=True)
class _Small:
    """A frame of both films, shrunk, and which of its pixels count."""

    source: NDArray[np.float32]
    shown: NDArray[np.float32]
    counted: NDArray[np.uint8]


class FramesShown:
    """Counts frames of the source in whose place the deliverable shows another one.

    A frame isn't shown when the picture in its place is clearly nearer to a neighbour, or to the
    frame that was shown last: a picture that was repeated, or that came too early or too late.
    Lower faces don't count: they may be new. A few small frames are held.
    """

    def __init__(self) -> None:
        self.missing = 0
        self._held: deque[_Small] = deque(maxlen=2 * _NEIGHBOURS + 1)
        self._last: _Small | None = None  # of the source, what was shown last
        self._waiting = 0

    def add(self, source: Plane, shown: Plane, counted: Mask) -> None:
        """Take the next frame.

        Args:
            source, shown: by `frame_errors.small_luma`; the same object where nothing differs.
            counted: of their size.
        """
        small = _shrunk(source)
        ours = small if shown is source else _shrunk(shown)
        mask = cv2.resize(counted, small.shape[::-1], interpolation=cv2.INTER_NEAREST)
        self._held.append(_Small(small, ours, np.asarray(mask, np.uint8)))
        self._waiting += 1
        if self._waiting > _NEIGHBOURS:
            self._decide(len(self._held) - 1 - _NEIGHBOURS)

    def finish(self) -> int:
        """Frames that aren't shown in all, once every frame was added."""
        while self._waiting > 0:
            self._decide(len(self._held) - self._waiting)
        return self.missing

    def _decide(self, at: int) -> None:
        self._waiting -= 1
        frame = self._held[at]
        if frame.shown is frame.source:
            self._last = frame
            return
        error = _error(frame, frame)
        rivals = [(_error(frame, other), other) for other in self._rivals(at)]
        nearest, other = min(rivals, key=lambda rival: rival[0], default=(np.inf, frame))
        if error > _LEAST_ERROR and nearest < _CLEARLY * error:
            self.missing += 1
            self._last = other
        else:
            self._last = frame

    def _rivals(self, at: int) -> Iterator[_Small]:
        yield from (other for number, other in enumerate(self._held) if number != at)
        if self._last is not None:
            yield self._last


def _shrunk(picture: Plane) -> NDArray[np.float32]:
    """The picture with a long side of about 128 pixels, finer than whole levels."""
    step = max(1, round(max(picture.shape) / _SIDE))
    size = (max(1, picture.shape[1] // step), max(1, picture.shape[0] // step))
    small = cv2.resize(picture.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32)


def _error(frame: _Small, other: _Small) -> float:
    """Mean square of what is shown against another frame of the source."""
    mask = cv2.bitwise_and(frame.counted, other.counted)
    pixels = cv2.countNonZero(mask)
    return cv2.norm(frame.shown, other.source, cv2.NORM_L2SQR, mask) / pixels if pixels else np.inf
