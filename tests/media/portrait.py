"""A talking face from one still: its mouth and its eyelids on levers.

A mesh over the still's 468 face points follows the lips and the jaw: a thin-plate spline carries
the steered points' shifts to all others, each triangle is then warped on its own. Behind the lips
lies a layer that stays with the skull: the photograph's teeth above, the dark of the mouth below.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import RBFInterpolator
from scipy.spatial import Delaunay

from tests.media.still import (
    EYES,
    JAW,
    LIPS,
    LOWER_INNER,
    LOWER_OUTER,
    SIZE,
    UPPER_INNER,
    UPPER_OUTER,
    Image,
    Points,
    disguise,
    polygon_mask,
    still,
    still_points,
)

MAX_OPENING_PX = 30.0
"""Distance of the lips at opening 1."""

_STEPS = 31  # mouth shapes are rendered on a grid of 32 x 32 levels: a step is one pixel
_LIDS = 4
_UNMOVED = [1, 4, 6, 98, 327, 129, 358, 33, 133, 362, 263, 10, 127, 356, 234, 454, 116, 345]


@dataclass(frozen=True)
class Pose:
    """Where the levers of a face stand in one frame.

    Attributes:
        opening: lip distance, 0 (shut) to 1 (`MAX_OPENING_PX`).
        width: mouth width, 0 (pursed) to 1 (the still's smile).
        lids: 0 (open) to 1 (shut).
    """

    opening: float
    width: float
    lids: float = 0.0


class Portrait:
    """Renders the still with other mouths and lids; shapes are rendered once per step and kept."""

    def __init__(self, *, disguised: bool = False) -> None:
        self._points = still_points()
        self._image = disguise(still(), self._points) if disguised else still()
        self._disguised = disguised
        self._mouths: dict[tuple[int, int], Image] = {}

    def render(self, pose: Pose) -> Image:
        """The face in this pose, head unmoved: BGR, `SIZE` square."""
        levels = tuple(round(float(np.clip(v, 0, 1)) * _STEPS) for v in (pose.opening, pose.width))
        if levels not in self._mouths:
            self._mouths[levels] = self._mouth(levels[0] / _STEPS, levels[1] / _STEPS)
        image = self._image.copy()
        rows, columns = self._mouth_box
        image[rows, columns] = self._mouths[levels]
        level = round(float(np.clip(pose.lids, 0, 1)) * _LIDS)
        if level:
            for (eye_rows, eye_columns), patch in self._shut_eyes[level - 1]:
                image[eye_rows, eye_columns] = patch
        return image

    def surroundings(self, width: int) -> Image:
        """The unmoved picture `width` pixels wide, the face's own `SIZE` pixels in its middle."""
        wide = still(width)
        shift = [(width - SIZE) // 2, 0]
        return disguise(wide, self._points + shift) if self._disguised else wide

    @cached_property
    def _mouth_box(self) -> tuple[slice, slice]:
        """Rows and columns that the mouth's shape may change: nose to neck, ear to ear."""
        left, right = self._points[[234, 454], 0]
        return slice(int(self._points[6, 1]), SIZE - 60), slice(int(left) - 24, int(right) + 24)

    @cached_property
    def _mesh(self) -> Points:
        """The face points, then a frame of unmoved points round the box.

        Points of the lips that are not steered would fold against those traced by hand: they are
        laid on the steered point 0, where they make no triangle.
        """
        points = self._points.copy()
        outline = points[UPPER_OUTER + LOWER_OUTER[-2:0:-1]].astype(np.float32)
        for number in set(range(len(points))) - {*LIPS}:
            if cv2.pointPolygonTest(outline, tuple(map(float, points[number])), True) > -4:
                points[number] = points[0]
        rows, columns = self._mouth_box
        xs = np.linspace(columns.start, columns.stop, 6)
        ys = np.linspace(rows.start - 100, rows.stop, 8)
        frame = [(x, y) for y in (ys[0], ys[-1]) for x in xs]
        frame += [(x, y) for x in (xs[0], xs[-1]) for y in ys[1:-1]]
        return np.vstack([points, frame])

    @cached_property
    def _triangles(self) -> NDArray[np.int32]:
        """Triangles of the mesh without those between the lips."""
        inside = self._points[UPPER_INNER + LOWER_INNER[-2:0:-1]].astype(np.float32)
        simplices = Delaunay(self._mesh).simplices
        centres = self._mesh[simplices].mean(axis=1)
        return simplices[
            [cv2.pointPolygonTest(inside, tuple(map(float, c)), False) < 0 for c in centres]
        ]

    @cached_property
    def _steered(self) -> list[int]:
        """Mesh points whose shifts are set; the spline carries the rest."""
        return [*LIPS, *JAW, *_UNMOVED, *range(468, len(self._mesh))]

    @cached_property
    def _spread(self) -> Points:
        """Thin-plate weights: shifts of the steered points -> shifts of all, (mesh, steered)."""
        known = self._mesh[self._steered]
        return RBFInterpolator(known, np.eye(len(known)), kernel="thin_plate_spline")(self._mesh)

    def _shifts(self, opening: float, width: float) -> Points:
        """Shift of every mesh point for a mouth shape, pixels."""
        points, moved = self._points, np.zeros_like(self._mesh)
        upper, lower = points[UPPER_INNER], points[LOWER_INNER]
        centre = (upper[0, 0] + upper[-1, 0]) / 2
        profile = 1 - np.abs((upper[:, 0] - centre) / (upper[-1, 0] - centre)) ** 3
        contact = upper[:, 1] + 0.6 * (lower[:, 1] - upper[:, 1])
        relaxed = 4 * (1 - profile) * (1.3 - width)  # a smile's corners sink when it narrows
        gap = opening * MAX_OPENING_PX * profile
        up = contact + relaxed - 0.18 * gap - upper[:, 1]
        down = contact + relaxed + 0.82 * gap - lower[:, 1]
        moved[UPPER_INNER, 1], moved[LOWER_INNER, 1] = up, down
        moved[UPPER_OUTER, 1] = 0.55 * up + 0.45 * relaxed - 2.5 * (1 - width) * profile
        moved[LOWER_OUTER, 1] = down + 2.0 * (1 - width) * profile
        moved[LOWER_OUTER[0], 1] = moved[UPPER_OUTER[0], 1]
        jaw = points[JAW]
        weight = np.clip((jaw[:, 1] - points[61, 1]) / (points[152, 1] - points[61, 1]), 0, 1)
        moved[JAW, 1] = 0.6 * opening * MAX_OPENING_PX * weight
        moved[LIPS, 0] = (points[LIPS, 0] - centre) * (0.36 * width - 0.36)
        return self._spread @ moved[self._steered]

    def _mouth(self, opening: float, width: float) -> Image:
        """The mouth box with this mouth."""
        rows, columns = self._mouth_box
        corner = np.array([columns.start, rows.start])
        target = self._mesh + self._shifts(opening, width)
        shape = (rows.stop - rows.start, columns.stop - columns.start)
        lookup = _warp_map(self._mesh, target, self._triangles, corner, shape)
        skin = cv2.remap(
            self._image, lookup, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
        )
        lips = target[UPPER_INNER + LOWER_INNER[-2:0:-1]] - corner
        mouth = _lay_behind(skin, self._inside_of_mouth[rows, columns], lips)
        fade = cv2.GaussianBlur(_inner_box(shape, margin=24), (0, 0), 8)[..., None]
        return (mouth * fade + self._image[rows, columns] * (1 - fade)).round().astype(np.uint8)

    @cached_property
    def _inside_of_mouth(self) -> Image:
        """What shows between the lips: the still's teeth, and the dark below them."""
        lips = self._points[UPPER_INNER + LOWER_INNER[-2:0:-1]]
        teeth = polygon_mask(self._image.shape[:2], lips)
        teeth = cv2.GaussianBlur(cv2.erode(teeth, np.ones((5, 5))), (0, 0), 2.0)[..., None]
        below = np.clip((np.arange(SIZE) - lips[:, 1].max()) / 30, 0, 1)[:, None, None]
        dark = np.array([26.0, 20.0, 52.0]) + below * np.array([14.0, 12.0, 40.0])  # tongue
        return (0.92 * teeth * self._image + (1 - teeth) * dark).astype(np.uint8)

    @cached_property
    def _shut_eyes(self) -> list[list[tuple[tuple[slice, slice], Image]]]:
        """Patches over both eyes for each step of the lids."""
        return [
            [self._lid(upper, lower, level / _LIDS) for upper, lower in EYES]
            for level in range(1, _LIDS + 1)
        ]

    def _lid(
        self, upper: Sequence[int], lower: Sequence[int], shut: float
    ) -> tuple[tuple[slice, slice], Image]:
        """One eye with its upper lid drawn down: the skin above slides over the eyeball."""
        top, bottom = self._points[list(upper)], self._points[list(lower)]
        height = round(float((bottom[:, 1] - top[:, 1]).max())) + 1
        columns = slice(int(top[0, 0]) - 3, int(top[-1, 0]) + 4)
        rows = slice(int(top[:, 1].min()) - height - 4, int(bottom[:, 1].max()) + 5)
        xs = np.arange(columns.start, columns.stop, dtype=np.float64)
        edge = np.interp(xs, top[:, 0], top[:, 1])
        drop = shut * np.clip(np.interp(xs, bottom[:, 0], bottom[:, 1]) - edge, 0, None)
        ys = np.arange(rows.start, rows.stop, dtype=np.float64)[:, None]
        above = np.clip((ys - rows.start) / (edge + drop - rows.start), 0, 1)
        source_y = np.where(ys <= edge + drop, ys - drop * above, ys)
        lookup = np.dstack(np.broadcast_arrays(xs[None], source_y)).astype(np.float32)
        patch = cv2.remap(self._image, lookup, None, cv2.INTER_LINEAR)
        return (rows, columns), patch


def _warp_map(
    source: Points,
    target: Points,
    triangles: NDArray[np.int32],
    corner: NDArray[np.int64],
    shape: tuple[int, int],
) -> NDArray[np.float32]:
    """For each pixel of a box its place in the source, piecewise affine: float32 (h, w, 2)."""
    corners = np.dstack([target[triangles] - corner, np.ones(triangles.shape)])
    shown = np.abs(np.linalg.det(corners)) > 0.05  # the others are folded flat
    corners, triangles = corners[shown], triangles[shown]
    matrices = (np.linalg.inv(corners) @ source[triangles]).transpose(0, 2, 1)
    owner = np.zeros(shape, np.int32)
    for number, ends in enumerate(np.round(corners[..., :2] * 16).astype(np.int32)):
        cv2.fillConvexPoly(owner, ends, number, shift=4)
    y, x = np.mgrid[: shape[0], : shape[1]]
    affine = matrices[owner]
    places = affine[..., 0] * x[..., None] + affine[..., 1] * y[..., None] + affine[..., 2]
    return places.astype(np.float32)


def _inner_box(shape: tuple[int, int], margin: int) -> NDArray[np.float32]:
    """1 inside, 0 within `margin` pixels of the border."""
    mask = np.zeros(shape, np.float32)
    mask[margin:-margin, margin:-margin] = 1
    return mask


def _lay_behind(skin: Image, inside: Image, lips: Points) -> Image:
    """Show the mouth's inside between the lips; the seam is softened by a pixel."""
    mask = cv2.GaussianBlur(polygon_mask(skin.shape[:2], lips), (0, 0), 0.8)[..., None]
    shadow = 1 - 0.6 * cv2.GaussianBlur(4 * mask * (1 - mask), (0, 0), 2.0)[..., None]
    return (skin * (1 - mask) + inside * shadow * mask).round().astype(np.uint8)
