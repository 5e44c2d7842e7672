"""How open a mouth is, and where a head looks: what tracks and lips are measured by."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from model_images.common.face_mesh import INNER_LIPS, MOUTH_CORNERS, NOSE_TIP, OUTER_EYES
from model_images.common.landmarks import Kept, rows

Series = NDArray[np.float64]


def eye_distance(points: Kept) -> Series:
    """Distance of the outer corners of the eyes, pixels, (frames,): the unit of all the others."""
    return np.maximum(_distance(points, *OUTER_EYES), 1e-6)


def opening(points: Kept) -> Series:
    """Distance of the inner lips over the eyes', (frames,)."""
    return _distance(points, *INNER_LIPS) / eye_distance(points)


def width(points: Kept) -> Series:
    """Distance of the mouth's corners over the eyes', (frames,)."""
    return _distance(points, *MOUTH_CORNERS) / eye_distance(points)


def pose(points: Kept) -> NDArray[np.float64]:
    """Yaw, pitch (nose tip against the middle of the eyes, in eye distances) and roll (radians).

    Shape (frames, 3). Yaw is 0 for a face that looks into the camera, +-0.3 at about 30 degrees.
    """
    right, left, nose = (_at(points, number) for number in (*OUTER_EYES, NOSE_TIP))
    axis = (left - right) / eye_distance(points)[:, None]
    down = np.stack([-axis[:, 1], axis[:, 0]], axis=1)
    offset = (nose - (right + left) / 2) / eye_distance(points)[:, None]
    yaw, pitch = (offset * axis).sum(axis=1), (offset * down).sum(axis=1)
    return np.stack([yaw, pitch, np.arctan2(axis[:, 1], axis[:, 0])], axis=1)


def _at(points: Kept, number: int) -> NDArray[np.float64]:
    return points[:, rows((number,))[0]].astype(np.float64)


def _distance(points: Kept, a: int, b: int) -> Series:
    return np.hypot(*(_at(points, a) - _at(points, b)).T)
