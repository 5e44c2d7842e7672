"""An engine that sees what a script says, and pictures without content."""

from dataclasses import dataclass, field
from functools import cache

import av
import numpy as np

from model_images.common.pictures import Layout, Picture

WIDTH, HEIGHT = 320, 240
HERE, THERE = (100.0, 120.0), (220.0, 120.0)

_SHAPE = np.random.default_rng(4).uniform(-20, 20, (468, 3)).astype(np.float32)
_SHAPE[33, :2], _SHAPE[263, :2] = (-15, -5), (15, -5)
_LAYOUT = Layout(WIDTH, HEIGHT, "yuv444p")


def mesh(x: float, y: float = 120, scale: float = 1.0):
    """A face round a place."""
    return (_SHAPE * scale + np.array([x, y, 0])).astype(np.float32)


def place(points) -> float:
    """Where a face of `mesh` is, across, by its kept or all points in pixels."""
    return float((points[..., 0].min() + points[..., 0].max()) / 2)


def frame(number: int, colour: int = 0):
    """A picture that says its number in its first pixel."""
    pixels = np.full((HEIGHT, WIDTH, 3), colour, np.uint8)
    pixels[0, 0] = number // 256, number % 256, 0
    return pixels


def pictures(count: int, cuts=(), first: int = 0, end: int | None = None):
    """Numbered pictures; at each cut they turn from dark to light, or back."""
    for number in range(first, count if end is None else end):
        light = 200 * (sum(cut <= number for cut in cuts) % 2)
        yield Picture(number, number, number * 1920, False, _LAYOUT, _video_frame(number, light))


@cache
def _video_frame(number: int, colour: int) -> av.VideoFrame:
    return av.VideoFrame.from_ndarray(frame(number, colour), format="rgb24")


@dataclass
class ScriptedFaces:
    """A `FaceEngine` that sees what a script says: places (x, y) of faces per frame.

    Attributes:
        blind: frames in which no face is found; those known are followed.
        looks: frames in which faces were looked for.
    """

    script: list[list[tuple[float, float]]]
    blind: frozenset[int] = frozenset()
    looks: list[int] = field(default_factory=list)

    def find(self, pixels):
        number = _number(pixels)
        self.looks.append(number)
        return [] if number in self.blind else [mesh(*place) for place in self.script[number]]

    def follow(self, pixels, last):
        near = [
            place
            for place in self.script[_number(pixels)]
            if abs(place[0] - last[:, 0].mean()) < 40
        ]
        return mesh(*near[0]) if near else None


def _number(pixels) -> int:
    high, low, _ = pixels[0, 0].tolist()
    return 256 * high + low
