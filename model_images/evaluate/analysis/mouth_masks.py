"""Where mouths are, by a detector that has no part in lip-sync: Viola-Jones face cascades.

The cascade (`haarcascade_frontalface_alt2`, Viola and Jones 2001, Lienhart 2003) looks at each face
of the source turned upright by its eyes, every half second, and tells how large the face is. The
mouth's mask is an ellipse in the lower part of that square: what lip-sync may have changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from model_images.common.pictures import Plane
from model_images.evaluate.analysis.face_crops import CropPlan, TrackedEyes, crop
from model_images.evaluate.analysis.frame_errors import Mask

LARGEST_SHARE = 0.25
"""Of a picture that masks may cover; larger ones are shrunk, so that damage can't hide there."""

_LOOK_EVERY, _RETRY_EVERY = 12, 3  # frames: where the face was seen; where it wasn't yet
_CROP = CropPlan(eyes=40, width=160, height=200, x=80, y=80)
_LEAST_SIDE, _LARGEST_SIDE = 48, 100  # of the square, 1.2 .. 2.5 eye distances
_MIDDLE = 0.97  # of the mask, in sides of the square from its top
_REACH = (0.45, 0.45)  # half width and half height of the mask, in sides: nose to below the chin


@dataclass(frozen=True)
class Ellipse:
    """Middle, half axes (both in pixels) and turn in degrees, clockwise on the screen."""

    x: float
    y: float
    a: float
    b: float
    degrees: float

    @property
    def area(self) -> float:
        """In pixels."""
        return float(np.pi) * self.a * self.b

    def scaled(self, factor: float) -> Ellipse:
        """Larger or smaller round the same middle."""
        return Ellipse(self.x, self.y, self.a * factor, self.b * factor, self.degrees)

    def zoomed(self, factor: float) -> Ellipse:
        """Where it lies when the whole picture is scaled."""
        return Ellipse(self.x * factor, self.y * factor, self.a, self.b, self.degrees).scaled(
            factor
        )


@dataclass
class _Seen:
    """What the cascade last said of a face: left, top and side of its square in the crop."""

    square: tuple[int, int, int] | None = None
    next_look: int = 0


class MouthMasks:
    """Masks of the mouths, frame by frame in rising order. Not thread-safe."""

    def __init__(self, faces: Iterable[TrackedEyes]) -> None:
        self._faces = {face.track.id: face for face in faces}
        self._seen = {id_: _Seen() for id_ in self._faces}

    def mouths(self, frame: int, luma: Plane) -> list[Ellipse] | None:
        """The mouths of a frame of the source; None when a tracked face isn't seen by the cascade.

        Args:
            luma: the source's Y plane, upright.
        """
        found = []
        for id_, face in self._faces.items():
            matrix = face.matrix(frame, _CROP)
            if matrix is None:
                continue
            seen = self._seen[id_]
            if frame >= seen.next_look:
                seen.square = _look(crop(luma, matrix, _CROP)) or seen.square
                seen.next_look = frame + (_LOOK_EVERY if seen.square else _RETRY_EVERY)
            if seen.square is None:
                return None
            found.append(_ellipse(seen.square, matrix))
        return found


def counted_pixels(shape: tuple[int, int], mouths: Sequence[Ellipse]) -> Mask:
    """A mask (height, width): 0 on the mouths, 255 elsewhere."""
    mask = np.full(shape, 255, np.uint8)
    covered = sum(mouth.area for mouth in mouths) / (shape[0] * shape[1])
    factor = min(1.0, (LARGEST_SHARE / covered) ** 0.5) if covered else 1.0
    for mouth in (mouth.scaled(factor) for mouth in mouths):
        box = ((mouth.x, mouth.y), (2 * mouth.a, 2 * mouth.b), mouth.degrees)
        cv2.ellipse(mask, box, 0, cv2.FILLED)
    return mask


def _look(face: Plane) -> tuple[int, int, int] | None:
    """The square of the face in the middle of a crop; None when there is none."""
    squares = _cascade().detectMultiScale(
        face, 1.05, 3, minSize=(_LEAST_SIDE,) * 2, maxSize=(_LARGEST_SIDE,) * 2
    )
    holding_eyes = [
        (int(x), int(y), int(side))
        for x, y, side, _ in squares
        if x < _CROP.x - _CROP.eyes / 4
        and _CROP.x + _CROP.eyes / 4 < x + side
        and y < _CROP.y < y + 0.6 * side
    ]
    return max(holding_eyes, key=lambda square: square[2], default=None)


def _ellipse(square: tuple[int, int, int], matrix: np.ndarray) -> Ellipse:
    """The mouth's mask in the frame."""
    x, y, side = square
    back = cv2.invertAffineTransform(matrix)
    scale = float(np.hypot(*back[0, :2]))
    middle = back[:, :2] @ (x + side / 2, y + _MIDDLE * side) + back[:, 2]
    turn = float(np.degrees(np.arctan2(back[1, 0], back[0, 0])))
    across, down = (scale * side * reach for reach in _REACH)
    return Ellipse(float(middle[0]), float(middle[1]), across, down, turn)


@cache
def _cascade() -> cv2.CascadeClassifier:
    path = Path(cv2.data.haarcascades) / "haarcascade_frontalface_alt2.xml"
    return cv2.CascadeClassifier(str(path))
