"""Faces cut out upright and in one size: what the eyes' corners say, and nothing of the mouth.

The corners come from the source's landmarks, so that a crop of the deliverable shows the very same
place, whatever lip-sync did there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from airdub.faces import Faces, FaceTrack
from model_images.common.face_mesh import OUTER_EYES
from model_images.common.landmarks import Landmarks, rows
from model_images.common.pictures import Plane

LEAST_EYES_PX = 20.0
"""Smaller faces' mouths move by less than a pixel: they aren't measured."""


class CropPlan(NamedTuple):
    """Where a crop lies round the eyes, all in the crop's pixels.

    Attributes:
        eyes: distance of the outer corners.
        width, height: of the crop.
        x, y: the middle between the corners.
    """

    eyes: int
    width: int
    height: int
    x: int
    y: int


@dataclass(frozen=True)
class TrackedEyes:
    """The outer corners of a tracked face's eyes, right and left: (frames, 2, 2), source pixels."""

    track: FaceTrack
    corners: NDArray[np.float64]

    @property
    def is_large_enough(self) -> bool:
        """Whether the mouth's motion can be measured."""
        apart = np.hypot(*(self.corners[:, 1] - self.corners[:, 0]).T)
        return float(np.median(apart)) >= LEAST_EYES_PX

    def matrix(self, frame: int, plan: CropPlan) -> NDArray[np.float64] | None:
        """The (2, 3) map from a frame's pixels to the crop's; None where the face isn't there."""
        if not self.track.first_frame <= frame < self.track.end_frame:
            return None
        right, left = self.corners[frame - self.track.first_frame]
        apart = left - right
        distance = max(float(np.hypot(*apart)), 1e-6)
        cos, sin = plan.eyes / distance * apart / distance
        turn = np.array([[cos, sin], [-sin, cos]])
        return np.column_stack([turn, (plan.x, plan.y) - turn @ ((right + left) / 2)])


def tracked_eyes(faces: Faces, landmarks: Landmarks) -> list[TrackedEyes]:
    """The eyes of every track."""
    corners = rows(OUTER_EYES)
    return [
        TrackedEyes(track, landmarks.points(track.id)[:, corners].astype(np.float64))
        for track in faces.tracks
    ]


def crop(picture: Plane, matrix: NDArray[np.float64], plan: CropPlan) -> Plane:
    """Cut a face out; what is shrunk a lot is averaged first, so that grain doesn't flicker."""
    size = (plan.width, plan.height)
    step = int(1 / max(float(np.hypot(*matrix[0, :2])), 1e-6))
    if step < 2:
        return np.asarray(cv2.warpAffine(picture, matrix, size, borderMode=cv2.BORDER_REPLICATE))
    back = cv2.invertAffineTransform(matrix)
    corners = (
        np.array([[0, 0], [plan.width, 0], [0, plan.height], size]) @ back[:, :2].T + back[:, 2]
    )
    height, width = picture.shape[:2]
    low = np.clip(np.floor(corners.min(axis=0)).astype(int) - step, 0, (width - 1, height - 1))
    high = np.clip(np.ceil(corners.max(axis=0)).astype(int) + step, low + 1, (width, height))
    part = picture[low[1] : high[1], low[0] : high[0]]
    shape = (max(1, part.shape[1] // step), max(1, part.shape[0] // step))
    small = cv2.resize(part, shape, interpolation=cv2.INTER_AREA)
    scale = np.array([part.shape[1], part.shape[0]]) / shape
    to_part = scale / 2 - 0.5 + low  # where the middle of the first small pixel lies
    moved = np.column_stack([matrix[:, :2] * scale, matrix[:, :2] @ to_part + matrix[:, 2]])
    return np.asarray(cv2.warpAffine(small, moved, size, borderMode=cv2.BORDER_REPLICATE))
