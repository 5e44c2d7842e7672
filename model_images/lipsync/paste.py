"""Put one frame's lower face on another: aligned, matched in colour, without a seam."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from model_images.common.landmarks import LOWER_FACE, RIGID, rows
from model_images.common.pictures import Layout, Planes
from model_images.lipsync import warp
from model_images.lipsync.patches import (
    Mask,
    Patch,
    Rectangle,
    merged,
    put,
    rectangle_round,
    take,
)
from model_images.lipsync.protocol import Edit, FacePoints

FEATHER = 0.10
"""Erosion and blur of the pasted outline, in eye distances."""

_RIGID, _OUTLINE = rows(RIGID), rows(LOWER_FACE)
_RING = (0.02, 0.6)  # values of the mask in which colours are compared
_DONOR_MARGIN = 0.35  # of the eyes' distance: room for alignment and warp
_NOTHING = 1e-3


def donor_rectangle(points: FacePoints, layout: Layout) -> Rectangle:
    """What has to be kept of a donor's picture."""
    unit = warp.mouth_frame(points).unit
    return rectangle_round(points[_OUTLINE], _DONOR_MARGIN * unit, layout)


def apply(planes: Planes, layout: Layout, edit: Edit, donor: tuple[Rectangle, Planes]) -> None:
    """Change one face of a picture in place.

    Args:
        planes: of the frame.
        donor: its rectangle (`donor_rectangle`) and that part of its planes.
    """
    to_donor = similarity(edit.points[_RIGID], edit.donor_points[_RIGID])
    to_frame = cv2.invertAffineTransform(to_donor)
    pasted_points = _mapped(edit.donor_points, to_frame)
    outline = np.concatenate([edit.points[_OUTLINE], pasted_points[_OUTLINE]])
    mouth = warp.mouth_frame(pasted_points)
    rectangle = rectangle_round(outline, FEATHER * mouth.unit, layout)
    if rectangle.empty or donor[0].empty:
        return
    wider_px = (edit.opening - mouth.gap / mouth.unit) * mouth.unit
    pasted = _pasted(rectangle, to_donor, donor, mouth, wider_px)
    lips = warp.opened(pasted_points, mouth, wider_px) - _corner(rectangle)
    pasted = warp.darken(pasted, lips, wider_px, mouth.gap + wider_px)
    outlines = edit.points[_OUTLINE], pasted_points[_OUTLINE]
    feather_px, weight = FEATHER * mouth.unit, edit.weight
    lay(planes, layout, rectangle, pasted, outlines=outlines, feather_px=feather_px, weight=weight)


def lay(
    planes: Planes,
    layout: Layout,
    rectangle: Rectangle,
    pasted: Patch,
    *,
    outlines: tuple[FacePoints, ...],
    feather_px: float,
    weight: float,
) -> None:
    """Lay a rectangle's new pixels over a picture in place, within outlines and in its colours.

    Args:
        outlines: in the picture's pixels, (points, 2) each.
    """
    inside = tuple(outline - _corner(rectangle) for outline in outlines)
    mask = outline_mask(inside, rectangle.size, feather_px)
    blended = blend(merged(take(planes, rectangle, layout)), pasted, mask, weight)
    put(planes, rectangle, layout, blended, mask > _NOTHING)


def similarity(source: FacePoints, target: FacePoints) -> NDArray[np.float64]:
    """The (2, 3) turn, scale and shift that takes points nearest to others (least squares).

    Umeyama 1991 in the plane, without reflection.
    """
    mean_source, mean_target = source.mean(axis=0), target.mean(axis=0)
    a = (source - mean_source).astype(np.float64)
    b = (target - mean_target).astype(np.float64)
    power = max(float((a * a).sum()), 1e-9)
    cos = float((a * b).sum()) / power
    sin = float((a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).sum()) / power
    turn = np.array([[cos, -sin], [sin, cos]])
    return np.column_stack([turn, mean_target - turn @ mean_source])


def outline_mask(
    outlines: tuple[FacePoints, ...], size: tuple[int, int], feather_px: float
) -> Mask:
    """1 within any of the outlines, 0 outside all, with a soft edge that lies inside them."""
    mask = np.zeros((size[1], size[0]), np.uint8)
    for outline in outlines:
        cv2.fillPoly(mask, [np.round(outline * 16).astype(np.int32)], 255, cv2.LINE_AA, shift=4)
    sigma = max(feather_px, 1.0)
    # Beyond the rectangle is outside: a face that the picture's edge cuts fades as well.
    reach = 2 * round(sigma) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    mask = cv2.erode(mask, kernel, borderType=cv2.BORDER_CONSTANT, borderValue=0)
    soft = cv2.GaussianBlur(mask, (0, 0), sigma / 2, borderType=cv2.BORDER_CONSTANT)
    return soft.astype(np.float32) / 255


def blend(own: Patch, pasted: Patch, mask: Mask, weight: float) -> Patch:
    """Lay a patch over another; its mean colour is first brought to the other's along the seam."""
    ring = (mask > _RING[0]) & (mask < _RING[1])
    difference = own.astype(np.float32) - pasted
    offset = difference[ring].mean(axis=0) if ring.any() else np.zeros(3, np.float32)
    share = (mask * np.float32(weight))[..., None]
    return np.clip(np.round(own - share * (difference - offset)), 0, 255).astype(np.uint8)


def _pasted(
    rectangle: Rectangle,
    to_donor: NDArray[np.float64],
    donor: tuple[Rectangle, Planes],
    mouth: warp.MouthFrame,
    wider_px: float,
) -> Patch:
    """The rectangle's pixels as the donor has them, aligned and with its lips moved."""
    width, height = rectangle.size
    x, y = np.meshgrid(
        np.arange(rectangle.x0, rectangle.x1, dtype=np.float32),
        np.arange(rectangle.y0, rectangle.y1, dtype=np.float32),
    )
    places = np.dstack([x, y])
    if abs(wider_px) > 0.05:
        places = warp.shifted(places, mouth, wider_px)
    matrix = to_donor.copy()
    matrix[:, 2] -= (donor[0].x0, donor[0].y0)
    lookup = cv2.transform(places, matrix.astype(np.float32))
    patch = merged(donor[1])
    return cv2.remap(patch, lookup, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE).reshape(
        height, width, 3
    )


def _corner(rectangle: Rectangle) -> FacePoints:
    return np.array([rectangle.x0, rectangle.y0], np.float32)


def _mapped(points: FacePoints, matrix: NDArray[np.float64]) -> FacePoints:
    return (points @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32)
