"""Faces as Wav2Lip sees them, 96 x 96, and where what it draws lies in the picture."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from model_images.common.face_mesh import OUTER_EYES
from model_images.common.landmarks import LOWER_FACE, rows
from model_images.common.pictures import Layout, Planes
from model_images.lipsync import paste, warp
from model_images.lipsync.colours import Bgr, Colours
from model_images.lipsync.patches import merged, rectangle_round, take
from model_images.lipsync.protocol import Edit, FacePoints
from model_images.lipsync.wav2lip.network import SIZE

_OUTLINE, _EYES = rows(LOWER_FACE), rows(OUTER_EYES)
_BROW, _CHIN = rows((9,))[0], rows((152,))[0]
_FOREHEAD = 0.24
"""From the brows up to where a face detector's box ends, over the distance of brows and chin: the
forehead of the mesh that landmarks are of (its points 9, 10 and 152)."""
_BELOW = 0.05  # of the box's height: the official code adds 10 pixels under the chin
_MARGIN_PX = 2.0

Matrix = NDArray[np.float64]


def height_px(points: FacePoints) -> float:
    """Height of a face's box in pixels."""
    low, high = _box(points)[1]
    return float(high[1] - low[1])


def to_crop(points: FacePoints) -> Matrix:
    """The (2, 3) map from the picture's pixels to those of the crop, in which eyes are level."""
    axes, (low, high) = _box(points)
    scale = SIZE / (high - low)
    turned = axes * scale[:, None]
    return np.column_stack([turned, turned @ np.array([0.5, 0.5]) - low * scale - 0.5])


def crop(planes: Planes, layout: Layout, points: FacePoints, colours: Colours) -> Bgr | None:
    """The face's pixels, (96, 96, 3); None where the face lies outside of the picture."""
    matrix = to_crop(points)
    corners = np.array([[0, 0], [SIZE, 0], [0, SIZE], [SIZE, SIZE]], np.float64) - 0.5
    back = cv2.invertAffineTransform(matrix)
    box = (corners @ back[:, :2].T + back[:, 2]).astype(np.float32)
    rectangle = rectangle_round(box, _MARGIN_PX, layout)
    if rectangle.empty:
        return None
    matrix[:, 2] += matrix[:, :2] @ (rectangle.x0, rectangle.y0)
    seen = colours.bgr(merged(take(planes, rectangle, layout)))
    return cv2.warpAffine(
        seen, matrix, (SIZE, SIZE), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )


def lay_back(planes: Planes, layout: Layout, edit: Edit, drawn: Bgr, colours: Colours) -> None:
    """Put the lower face of what was drawn, (96, 96, 3), on a picture in place."""
    feather_px = paste.FEATHER * warp.mouth_frame(edit.points).unit
    rectangle = rectangle_round(edit.points[_OUTLINE], feather_px, layout)
    if rectangle.empty:
        return
    matrix = to_crop(edit.points)
    matrix[:, 2] += matrix[:, :2] @ (rectangle.x0, rectangle.y0)
    shown = cv2.warpAffine(
        drawn,
        matrix,
        rectangle.size,
        flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    pasted = colours.patch(np.clip(shown, 0, 255))
    paste.lay(
        planes,
        layout,
        rectangle,
        pasted,
        outlines=(edit.points[_OUTLINE],),
        feather_px=feather_px,
        weight=edit.weight,
    )


def _box(points: FacePoints) -> tuple[Matrix, tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Axes (2, 2) along and across the eyes, and the least and largest place on them."""
    right, left = points[_EYES].astype(np.float64)
    along = (left - right) / max(float(np.hypot(*(left - right))), 1e-6)
    axes = np.array([along, [-along[1], along[0]]])
    places = points @ axes.T
    low, high = places.min(axis=0), places.max(axis=0)
    low[1] = places[_BROW, 1] - _FOREHEAD * (places[_CHIN, 1] - places[_BROW, 1])
    high[1] += _BELOW * (high[1] - low[1])
    return axes, (low, np.maximum(high, low + 1))
