"""The still that the samples are made of, its face points, and the same face disguised.

scikit-image's `data/astronaut.png`: NASA's portrait of Eileen Collins, public domain.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Points = NDArray[np.float64]

SIZE = 512
"""Width and height of the face's picture, pixels."""

_CROP_X, _CROP_Y, _ZOOM = 97, 4, 2

# Point numbers of the 468-point mesh, left to right in the picture.
UPPER_OUTER = [61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291]
UPPER_INNER = [78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308]
LOWER_INNER = [78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308]
LOWER_OUTER = [61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291]
LIPS = sorted({*UPPER_OUTER, *UPPER_INNER, *LOWER_INNER, *LOWER_OUTER})
JAW = [172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397]
EYES = (
    ((33, 246, 161, 160, 159, 158, 157, 173, 133), (33, 7, 163, 144, 145, 153, 154, 155, 133)),
    ((362, 398, 384, 385, 386, 387, 388, 466, 263), (362, 382, 381, 380, 374, 373, 390, 249, 263)),
)


def still(width: int = SIZE) -> Image:
    """The face of the portrait in the middle: BGR, `SIZE` high."""
    image = cv2.imread(str(files("skimage") / "data" / "astronaut.png"))
    large = cv2.resize(image, None, fx=_ZOOM, fy=_ZOOM, interpolation=cv2.INTER_LANCZOS4)
    left, top = _CROP_X * _ZOOM - (width - SIZE) // 2, _CROP_Y * _ZOOM
    return np.ascontiguousarray(large[top : top + SIZE, left : left + width])


def still_points() -> Points:
    """The 468 mesh points of `still()`, pixels, shape (468, 2).

    The table holds them in the portrait's own pixels: the landmark model's answer, with the lips
    traced by hand (the model smooths a smile's lips).
    """
    table = np.loadtxt(Path(__file__).with_name("portrait_points.csv"), delimiter=",", skiprows=1)
    return (table - [_CROP_X, _CROP_Y] + 0.5) * _ZOOM - 0.5


def disguise(image: Image, points: Points) -> Image:
    """Another person: dark hair, tanned skin, stubble and glasses.

    Args:
        points: the 468 points in this image.
    """
    shape = image.shape[:2]
    tan = (image / 255.0) ** np.array([1.3, 1.3, 1.1])  # black and white stay
    tan *= 1 - 0.6 * _hair(image, points)[..., None]
    tan *= 1 - _beard(shape, points)[..., None] * np.array([0.26, 0.26, 0.2])
    face = (255 * tan).round().astype(np.uint8)
    rims = []
    for eye in ([*EYES[0][0], *EYES[0][1]], [*EYES[1][0], *EYES[1][1]]):
        centre, radius = points[eye].mean(axis=0) + np.array([0, 4]), 0.8 * np.ptp(points[eye, 0])
        box = (tuple(centre), (2 * radius, 1.6 * radius), 3.0)
        cv2.ellipse(face, box, (32, 30, 38), 2, cv2.LINE_AA)
        side = np.array([radius, 0])
        rims.append((centre - side - (0, 4), centre + side - (0, 4)))
    bridge = [tuple(np.round(end).astype(int).tolist()) for end in (rims[0][1], rims[1][0])]
    cv2.line(face, *bridge, (32, 30, 38), 2, cv2.LINE_AA)
    return face


def _hair(image: Image, points: Points) -> NDArray[np.float32]:
    """Where hair is: the coloured part of the head round the face; 0..1, smooth."""
    hsv = cv2.cvtColor(image, cv2.COLOR_BGR2HSV)
    y, x = np.mgrid[: image.shape[0], : image.shape[1]]
    middle = points[[127, 356]].mean(axis=0)
    head = np.hypot((x - middle[0]) / 165, (y - middle[1] + 20) / 180) < 1
    below = y > points[[234, 454], 1].mean()
    coloured = (hsv[..., 1] > 62) & head & ~below
    face = cv2.convexHull(points[:, None].astype(np.float32))[:, 0].astype(np.float64)
    mask = cv2.GaussianBlur(coloured.astype(np.float32), (0, 0), 2.0)
    return np.asarray(mask * (1 - cv2.GaussianBlur(polygon_mask(y.shape, face), (0, 0), 4)))


def _beard(shape: tuple[int, ...], points: Points) -> NDArray[np.float32]:
    """Where stubble grows: the jaw and round the mouth, without the lips; 0..1, smooth."""
    jaw = cv2.GaussianBlur(
        polygon_mask(shape, np.vstack([points[JAW], points[[327, 2, 98]]])), (0, 0), 12
    )
    lips = polygon_mask(shape, points[UPPER_OUTER + LOWER_OUTER[-2:0:-1]])
    return np.asarray(jaw * (1 - cv2.GaussianBlur(lips, (0, 0), 2)), np.float32)


def _polygon_mask(shape: tuple[int, ...], polygon: Points) -> NDArray[np.float32]:
    """1 inside the polygon, 0 outside, smooth at the edge."""
    mask = np.zeros(shape, np.uint8)
    cv2.fillPoly(mask, [np.round(polygon * 16).astype(np.int32)], 255, cv2.LINE_AA, shift=4)
    return mask.astype(np.float32) / 255


def polygon_mask(shape: tuple[int, ...], polygon: Points) -> NDArray[np.float32]:
    """1 inside the polygon, 0 outside, smooth at the edge."""
    mask = np.zeros(shape, np.uint8)
    cv2.fillPoly(mask, [np.round(polygon * 16).astype(np.int32)], 255, cv2.LINE_AA, shift=4)
    return mask.astype(np.float32) / 255
