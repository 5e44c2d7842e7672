"""Faces by MediaPipe's two small networks, run by OpenCV: boxes, then a mesh of 468 points.

The mediapipe wheel is only the carrier of the model files (Apache-2.0); nothing of it is
imported. Methods: BlazeFace (Bazarevsky et al. 2019, arXiv:1907.05047; short-range model, 896
anchors) and Face Mesh (Kartynnik et al. 2019, arXiv:1907.06724). Pre- and post-processing follow
MediaPipe's `face_detection_short_range` and `face_landmark` graphs.

Points are numbered as in MediaPipe's canonical face mesh; "left" and "right" are the person's.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from model_images.common.carried import carried_file

RgbFrame = NDArray[np.uint8]
"""Picture as (height, width, 3), RGB."""

Points = NDArray[np.float32]
"""Mesh as (468, 3): x, y in pixels of the frame, z in the same scale (towards the camera < 0)."""

POINTS = 468
DETECTOR_SIZE = 128
MESH_SIZE = 192
INNER_LIPS = (13, 14)  # upper, lower
MOUTH_CORNERS = (61, 291)
OUTER_EYES = (33, 263)  # right, left
NOSE_TIP = 4

_FACE_PADDING = 1.5
_IOU_SAME_FACE = 0.3


@dataclass(frozen=True)
class Region:
    """A square on the frame, turned so that the face in it is upright.

    Attributes:
        x, y: centre in pixels.
        side: length of a side in pixels.
        angle: turn of the eye line in radians, clockwise on the screen; 0 is level.
    """

    x: float
    y: float
    side: float
    angle: float

    def to_frame(self, size: int) -> NDArray[np.float64]:
        """The (2, 3) affine map from a size x size crop's pixels to the frame's."""
        scale = self.side / size
        cos, sin = scale * np.cos(self.angle), scale * np.sin(self.angle)
        rotation = np.array([[cos, -sin], [sin, cos]])
        origin = np.array([self.x, self.y]) - rotation @ np.full(2, size / 2)
        return np.column_stack([rotation, origin])


@dataclass(frozen=True)
class Detection:
    """A face found by the detector.

    Attributes:
        box: x0, y0, x1, y1 in pixels of the frame; may reach over its edge.
        score: 0..1.
        right_eye, left_eye: x, y in pixels.
    """

    box: tuple[float, float, float, float]
    score: float
    right_eye: tuple[float, float]
    left_eye: tuple[float, float]

    @property
    def region(self) -> Region:
        """Where to look for the mesh of this face."""
        x0, y0, x1, y1 = self.box
        side = _FACE_PADDING * max(x1 - x0, y1 - y0)
        angle = np.arctan2(
            self.left_eye[1] - self.right_eye[1], self.left_eye[0] - self.right_eye[0]
        )
        return Region((x0 + x1) / 2, (y0 + y1) / 2, side, float(angle))


def region_of(points: Points) -> Region:
    """Where to look for a face in the next frame, from its mesh in this one."""
    right, left = points[OUTER_EYES[0], :2], points[OUTER_EYES[1], :2]
    angle = float(np.arctan2(left[1] - right[1], left[0] - right[0]))
    cos, sin = np.cos(-angle), np.sin(-angle)
    upright = points[:, :2] @ np.array([[cos, -sin], [sin, cos]]).T
    low, high = upright.min(axis=0), upright.max(axis=0)
    centre = np.array([[cos, sin], [-sin, cos]]) @ ((low + high) / 2)
    side = _FACE_PADDING * float((high - low).max())
    return Region(float(centre[0]), float(centre[1]), side, angle)


class FaceMesh:
    """Both networks, loaded when first used. Not thread-safe; one per thread."""

    def detect(self, frame: RgbFrame, *, min_score: float = 0.5) -> list[Detection]:
        """Find upright faces, best first.

        The short-range model sees faces of a tenth of its picture and more, so besides the whole
        frame the squares of its short side are searched, and those of two thirds of it.

        Args:
            frame: uint8 (height, width, 3) RGB.
            min_score: faces below this confidence (0..1) are dropped.
        """
        found = [hit for tile in _tiles(*frame.shape[:2]) for hit in self._look(frame, tile)]
        return _distinct([hit for hit in found if hit.score >= min_score])

    def mesh(self, frame: RgbFrame, region: Region) -> tuple[Points, float]:
        """Points of the face in a region, and the probability (0..1) that a face is there.

        Args:
            frame: uint8 (height, width, 3) RGB.
            region: from `Detection.region`, or `region_of` the frame before.
        """
        to_frame = region.to_frame(MESH_SIZE)
        crop = cv2.warpAffine(
            frame, to_frame, (MESH_SIZE, MESH_SIZE), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        )
        self._mesh_net.setInput(cv2.dnn.blobFromImage(crop, 1 / 255))
        outputs = self._mesh_net.forward(self._mesh_net.getUnconnectedOutLayersNames())
        logit, flat = sorted((output.ravel() for output in outputs), key=len)
        points = flat.reshape(POINTS, 3)
        xy = points[:, :2] @ to_frame[:, :2].T + to_frame[:, 2]
        z = points[:, 2:] * (region.side / MESH_SIZE)
        return np.hstack([xy, z]).astype(np.float32), _sigmoid(float(logit[0]))

    def _look(self, frame: RgbFrame, tile: tuple[int, int, int]) -> list[Detection]:
        """Faces in one square (x, y, side) of the frame; what lies outside the frame is black."""
        x, y, side = tile
        scale = side / DETECTOR_SIZE
        to_frame = np.array([[scale, 0, x], [0, scale, y]])
        crop = cv2.resize(
            _square(frame, tile), (DETECTOR_SIZE, DETECTOR_SIZE), interpolation=cv2.INTER_AREA
        )
        self._detector.setInput(cv2.dnn.blobFromImage(crop, 1 / 127.5, mean=(127.5,) * 3))
        outputs = self._detector.forward(self._detector.getUnconnectedOutLayersNames())
        logits, boxes = sorted((output[0] for output in outputs), key=lambda a: a.shape[-1])
        scores = _sigmoid(logits[:, 0])
        return [
            _decode(boxes[i], _ANCHORS[i], float(scores[i]), to_frame)
            for i in np.flatnonzero(scores > 0.3)
        ]

    @cached_property
    def _detector(self) -> cv2.dnn.Net:
        return _load("face_detection/face_detection_short_range.tflite")

    @cached_property
    def _mesh_net(self) -> cv2.dnn.Net:
        return _load("face_landmark/face_landmark.tflite")


def _load(name: str) -> cv2.dnn.Net:
    """A network from the mediapipe wheel's files (0.10.21; later wheels carry none)."""
    return cv2.dnn.readNetFromTFLite(str(carried_file(f"mediapipe/modules/{name}")))


def _tiles(height: int, width: int) -> list[tuple[int, int, int]]:
    """Squares (x, y, side) to search: the whole frame, then rows of overlapping smaller ones."""
    long, short = max(height, width), min(height, width)
    tiles = [((width - long) // 2, (height - long) // 2, long)]
    for side in (short, 2 * short // 3):
        if side < long and side >= DETECTOR_SIZE:
            tiles += [(x, y, side) for y in _starts(height, side) for x in _starts(width, side)]
    return tiles


def _starts(length: int, side: int) -> list[int]:
    """Evenly spread starts of pieces that cover a length and overlap by a third or more."""
    pieces = 1 + max(0, -(-3 * (length - side) // (2 * side)))
    return [round(i * (length - side) / max(1, pieces - 1)) for i in range(pieces)]


def _square(frame: RgbFrame, tile: tuple[int, int, int]) -> RgbFrame:
    """The tile's pixels, with black where it reaches over the frame."""
    x, y, side = tile
    height, width = frame.shape[:2]
    inside = frame[max(0, y) : y + side, max(0, x) : x + side]
    if inside.shape[:2] == (side, side):
        return inside
    top, left = max(0, -y), max(0, -x)
    bottom, right = max(0, y + side - height), max(0, x + side - width)
    return cv2.copyMakeBorder(inside, top, bottom, left, right, cv2.BORDER_CONSTANT)


def _anchor_centres() -> NDArray[np.float32]:
    """Centres of the 896 anchors, in 0..1: 2 per cell at stride 8, then 6 per cell at stride 16."""
    rows = []
    for cells, anchors in ((DETECTOR_SIZE // 8, 2), (DETECTOR_SIZE // 16, 6)):
        axis = (np.arange(cells) + 0.5) / cells
        y, x = np.meshgrid(axis, axis, indexing="ij")
        rows.append(np.repeat(np.column_stack([x.ravel(), y.ravel()]), anchors, axis=0))
    return np.concatenate(rows).astype(np.float32)


_ANCHORS = _anchor_centres()


def _decode(
    raw: NDArray[np.float32],
    anchor: NDArray[np.float32],
    score: float,
    to_frame: NDArray[np.float64],
) -> Detection:
    """One row of the detector's output: box centre and size, then six key points, in its pixels."""
    pairs = raw.reshape(8, 2).astype(np.float64)
    pairs[[0, 2, 3, 4, 5, 6, 7]] += anchor * DETECTOR_SIZE
    centre, half = pairs[0], pairs[1] / 2
    corners = np.array([centre - half, centre + half, pairs[2], pairs[3]])
    low, high, right_eye, left_eye = corners @ to_frame[:, :2].T + to_frame[:, 2]
    return Detection(
        (float(low[0]), float(low[1]), float(high[0]), float(high[1])),
        score,
        (float(right_eye[0]), float(right_eye[1])),
        (float(left_eye[0]), float(left_eye[1])),
    )


def _distinct(found: list[Detection]) -> list[Detection]:
    """Best first, without those that lie on a better one."""
    kept: list[Detection] = []
    for hit in sorted(found, key=lambda hit: -hit.score):
        if all(overlap(hit.box, other.box) < _IOU_SAME_FACE for other in kept):
            kept.append(hit)
    return kept


def overlap(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    """Intersection of two boxes (x0, y0, x1, y1) over the smaller one: 0..1."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    smaller = min((a[2] - a[0]) * (a[3] - a[1]), (b[2] - b[0]) * (b[3] - b[1]))
    return max(0.0, width) * max(0.0, height) / smaller if smaller > 0 else 0.0


def _sigmoid(logit: Any) -> Any:
    """Logits to probabilities, elementwise."""
    return 1.0 / (1.0 + np.exp(-np.clip(logit, -60, 60)))
