"""Rectangles of planar pictures: taken out in full colour resolution, put back under a mask."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from model_images.common.pictures import Layout, Planes
from model_images.lipsync.protocol import FacePoints

Patch = NDArray[np.uint8]
"""A rectangle as (height, width, 3): Y, U, V of each pixel."""

Mask = NDArray[np.float32]
"""0 (keep) to 1 (replace), (height, width)."""


@dataclass(frozen=True)
class Rectangle:
    """Pixels `x0` up to `x1`, `y0` up to `y1`; even where the colour planes are halved."""

    x0: int
    y0: int
    x1: int
    y1: int

    @property
    def empty(self) -> bool:
        """Whether it holds no pixel."""
        return self.x1 <= self.x0 or self.y1 <= self.y0

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.x1 - self.x0, self.y1 - self.y0

    def of_planes(self, layout: Layout) -> list[tuple[slice, slice]]:
        """Rows and columns of the rectangle in Y, U and V."""
        across, down = layout.chroma_step
        luma = (slice(self.y0, self.y1), slice(self.x0, self.x1))
        rows = slice(self.y0 // down, -(-self.y1 // down))
        columns = slice(self.x0 // across, -(-self.x1 // across))
        return [luma, (rows, columns), (rows, columns)]


def rectangle_round(points: FacePoints, margin: float, layout: Layout) -> Rectangle:
    """The smallest even rectangle that holds points and a margin, cut at the picture's edges."""
    low = np.floor((points.min(axis=0) - margin) / 2).astype(int) * 2
    high = np.ceil((points.max(axis=0) + margin) / 2).astype(int) * 2
    return Rectangle(
        max(0, int(low[0])),
        max(0, int(low[1])),
        min(layout.width, int(high[0])),
        min(layout.height, int(high[1])),
    )


def take(planes: Planes, rectangle: Rectangle, layout: Layout) -> Planes:
    """The rectangle's part of each plane, as copies."""
    y, u, v = (
        plane[where].copy()
        for plane, where in zip(planes, rectangle.of_planes(layout), strict=True)
    )
    return y, u, v


def merged(parts: Planes) -> Patch:
    """Planes of a rectangle as one array in the resolution of Y."""
    y, u, v = parts
    size = (y.shape[1], y.shape[0])
    if u.shape != y.shape:
        u, v = (cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR) for plane in (u, v))
    return cv2.merge([y, u, v])


def put(
    planes: Planes, rectangle: Rectangle, layout: Layout, patch: Patch, changed: NDArray[np.bool_]
) -> None:
    """Write a patch into planes where it was changed; every other pixel keeps its exact value."""
    luma, *chroma = rectangle.of_planes(layout)
    y = planes[0][luma]
    y[changed] = patch[..., 0][changed]
    for number, where in enumerate(chroma, 1):
        target = planes[number][where]
        size = (target.shape[1], target.shape[0])
        value = cv2.resize(patch[..., number], size, interpolation=cv2.INTER_AREA)
        touched = cv2.resize(changed.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0
        target[touched] = value[touched]
