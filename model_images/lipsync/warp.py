"""Open or shut the lips of a face by moving its pixels: what a donor leaves over, or all of it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from model_images.common.face_mesh import INNER_LIPS, MOUTH_CORNERS, OUTER_EYES
from model_images.common.landmarks import rows
from model_images.lipsync.patches import Patch
from model_images.lipsync.protocol import FacePoints

Map = NDArray[np.float32]
"""For each pixel the place it is taken from, (height, width, 2): x, y."""

_UPPER, _LOWER = 0.25, 0.75  # shares of a wider opening: the upper lip hardly moves
_REACH = 1.15  # of the half width: where the lips' movement ends
_CHIN = 0.35  # of the lower lip's movement
_NOSE, _CHIN_POINT = 2, 152
_INNER_UPPER = rows((78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308))
_INNER_LOWER = rows((78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308))

DARK = (38.0, 126.0, 136.0)
"""Y, U, V of the inside of a mouth that the picture doesn't show (limited range)."""


@dataclass(frozen=True)
class MouthFrame:
    """Axes and lengths of a mouth in a picture, pixels.

    Attributes:
        middle: between the inner lips.
        across: unit vector from the right to the left eye.
        half_width: from the middle to the corners.
        gap: distance of the inner lips.
        above, below: from the middle to the base of the nose and to the chin.
        unit: distance of the eyes.
    """

    middle: NDArray[np.float64]
    across: NDArray[np.float64]
    half_width: float
    gap: float
    above: float
    below: float
    unit: float

    @property
    def down(self) -> NDArray[np.float64]:
        """Unit vector towards the chin."""
        return np.array([-self.across[1], self.across[0]])


def mouth_frame(points: FacePoints) -> MouthFrame:
    """The mouth of a face from its landmarks."""
    upper, lower, right_eye, left_eye, right, left, nose, chin = points[
        rows((*INNER_LIPS, *OUTER_EYES, *MOUTH_CORNERS, _NOSE, _CHIN_POINT))
    ].astype(np.float64)
    unit = max(float(np.hypot(*(left_eye - right_eye))), 1e-6)
    across = (left_eye - right_eye) / unit
    down = np.array([-across[1], across[0]])
    middle = (upper + lower) / 2
    return MouthFrame(
        middle=middle,
        across=across,
        half_width=max(float(np.hypot(*(left - right))) / 2, 1.0),
        gap=float(np.hypot(*(lower - upper))),
        above=max(float((middle - nose) @ down), 1.0),
        below=max(float((chin - middle) @ down), 1.0),
        unit=unit,
    )


def shifted(places: Map, mouth: MouthFrame, wider_px: float) -> Map:
    """Where pixels at these places come from when the lips part by `wider_px` more (or less).

    The lips move most in the middle and not at the corners. Below the lower lip the movement
    fades to a third at the chin and to nothing below it, above the upper lip to nothing at the
    nose. Teeth belong to the skull and stand still: lips that shut cover them, lips that open
    draw out what lies above the lower lip.
    """
    offset = places - mouth.middle.astype(np.float32)
    a = offset @ mouth.across.astype(np.float32) / np.float32(_REACH * mouth.half_width)
    b = offset @ mouth.down.astype(np.float32)
    profile = np.square(np.maximum(0, 1 - a * a))
    heights, shares = _shares(mouth, wider_px)
    share = np.interp(b, heights, shares).astype(np.float32)
    distance = (profile * share * np.float32(wider_px))[..., None]
    return places - distance * mouth.down.astype(np.float32)


def _shares(mouth: MouthFrame, wider_px: float) -> tuple[list[float], list[float]]:
    """Heights below the mouth's middle, rising, and the share of the movement at each."""
    half = mouth.gap / 2
    upper, lower = -half - _UPPER * wider_px, half + _LOWER * wider_px
    teeth = []
    if lower - upper >= 1.0:  # else the lips touch, and nothing shows between them
        top, bottom = upper + 0.4, lower - 0.4
        if wider_px > 0:
            top, bottom = max(top, -0.7 * half), min(bottom, 0.2 * half)
        teeth = [(top, 0.0), (max(top, bottom), 0.0)]
    knots = [
        (-mouth.above, 0.0),
        (upper, -_UPPER),
        *teeth,
        (lower, _LOWER),
        (lower + 0.45 * mouth.below, _LOWER * 0.75),
        (max(mouth.below, lower + 0.5 * mouth.below), _LOWER * _CHIN),
        (1.45 * mouth.below, 0.0),
    ]
    return [height for height, _ in knots], [share for _, share in knots]


def darken(patch: Patch, lips: FacePoints, wider_px: float, opening_px: float) -> Patch:
    """Show the inside of a mouth that was nearly shut and has been opened by warping.

    Args:
        lips: landmarks of the face as it stands in the patch, after the warp, in its pixels.
        wider_px: by how much it was opened; of `opening_px` in all.
    """
    shown_px = opening_px - wider_px
    share = 0.85 * np.clip((wider_px - shown_px - 0.5) / max(opening_px, 1.0), 0.0, 1.0)
    if share <= 0.02:
        return patch
    outline = np.concatenate([lips[_INNER_UPPER], lips[_INNER_LOWER][-2:0:-1]])
    mask = np.zeros(patch.shape[:2], np.uint8)
    cv2.fillPoly(mask, [np.round(outline * 16).astype(np.int32)], 255, cv2.LINE_AA, shift=4)
    soft = cv2.GaussianBlur(mask, (0, 0), max(0.6, 0.12 * opening_px)).astype(np.float32)
    soft *= np.float32(share / 255)
    inside = np.array(DARK, np.float32)
    shaded = np.minimum(patch[..., :1], inside[0])  # never lighten
    colours = np.concatenate([shaded, np.broadcast_to(inside[1:], (*patch.shape[:2], 2))], axis=2)
    return np.round(patch + soft[..., None] * (colours - patch)).astype(np.uint8)


def opened(points: FacePoints, mouth: MouthFrame, wider_px: float) -> FacePoints:
    """Landmarks after the lips were parted by `wider_px` more."""
    moved = points.astype(np.float64)
    for which, share in ((_INNER_UPPER, -_UPPER), (_INNER_LOWER, _LOWER)):
        a = (moved[which] - mouth.middle) @ mouth.across / (_REACH * mouth.half_width)
        profile = np.maximum(0, 1 - a * a) ** 2
        moved[which] += (share * wider_px * profile)[:, None] * mouth.down
    return moved.astype(np.float32)
