"""Comparing pictures: faces found again, mouths measured in two ways, what changed around them.

Two measures of a mouth's opening: the landmark model run anew on the finished frames, and how much
of the mouth's inside shows in a crop that is aligned by the eyes and the nose of the SOURCE frame,
so neither the new lips nor the model's idea of them enter into it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from model_images.common.face_mesh import FaceMesh, Points, Region, RgbFrame, region_of

Series = NDArray[np.float64]
Mask = NDArray[np.bool_]

_LOOK_EVERY = 12
_MIN_PRESENCE = 0.5
_STEADY = (33, 263, 2)  # outer eye corners, foot of the nose: the lips don't move them
_LOWER_FACE = (
    2, 164, 393, 391, 322, 410, 432, 434, 430, 394, 379, 400, 377,
    152, 148, 176, 150, 169, 210, 214, 212, 186, 92, 165, 167,
)  # fmt: skip
_MASK_MARGIN = 0.12  # of the eye distance
CROP = (48, 64)  # rows and columns; 64 pixels are 0.7 eye distances


class FaceFollower:
    """Meshes of all faces, frame by frame, each with a number that lasts while it is followed."""

    def __init__(self) -> None:
        self._mesh = FaceMesh()
        self._regions: dict[int, Region] = {}
        self._frame = 0
        self._next = 0

    def follow(self, frame: RgbFrame) -> dict[int, Points]:
        """Mesh by face number; a face that is lost and found again gets a new number."""
        found = {}
        for number, region in self._regions.items():
            points, presence = self._mesh.mesh(frame, region)
            if presence >= _MIN_PRESENCE:
                found[number] = points
        if self._frame % _LOOK_EVERY == 0 or len(found) < len(self._regions) or not found:
            for detection in self._mesh.detect(frame):
                points, presence = self._mesh.mesh(frame, detection.region)
                new = all(_distance(points, other) > 0.5 for other in found.values())
                if presence >= _MIN_PRESENCE and new:
                    found[self._next] = points
                    self._next += 1
        self._frame += 1
        self._regions = {number: region_of(points) for number, points in found.items()}
        return found


def _distance(one: Points, other: Points) -> float:
    """Distance of two faces in eye distances."""
    between = one[:, :2].mean(axis=0) - other[:, :2].mean(axis=0)
    return float(np.linalg.norm(between) / max(eye_distance(one), 1e-6))


def eye_distance(points: Points) -> float:
    """Distance of the outer eye corners, pixels."""
    return float(np.linalg.norm(points[33, :2] - points[263, :2]))


def lip_opening(points: Points) -> float:
    """Distance of the inner lips over the eyes'."""
    return float(np.linalg.norm(points[13, :2] - points[14, :2]) / eye_distance(points))


def mouth_crop(frame: RgbFrame, points: Points) -> RgbFrame:
    """The mouth's surroundings, upright and scaled: RGB, `CROP`."""
    right, left, nose = (points[number, :2].astype(np.float64) for number in _STEADY)
    scale = 64 / (0.7 * np.linalg.norm(left - right))
    axis = (left - right) / np.linalg.norm(left - right)
    turn = scale * np.array([[axis[0], axis[1]], [-axis[1], axis[0]]])
    affine = np.column_stack([turn, (32.0, 0.0) - turn @ nose])
    return np.asarray(cv2.warpAffine(frame, affine, CROP[::-1], flags=cv2.INTER_AREA), np.uint8)


def dark_area(crop: RgbFrame) -> float:
    """Share of a mouth crop that is much darker than its skin, 0..1, soft at the threshold."""
    light = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)
    skin = float(np.percentile(light, 70))
    return float(np.clip((0.62 * skin - light) / (0.2 * skin), 0, 1).mean())


def mouth_inside(crop: RgbFrame) -> float:
    """How much of a mouth's inside shows: what is dark, teeth, and detail from lip to lip.

    Teeth are light and less red than the skin. Detail is the mean vertical step of light in the
    middle columns over the mean light. Against the landmark model's opening this correlates with
    0.65, 0.72 and 0.78 on three real clips (darkness alone: 0.0, 0.5, 0.8), 0.92 on the samples.
    """
    lab = cv2.cvtColor(crop, cv2.COLOR_RGB2LAB).astype(np.float64)
    light, red = lab[..., 0], lab[..., 1]
    skin, usual = float(np.percentile(light, 70)), float(np.median(red))
    dark = np.clip((0.66 * skin - light) / (0.2 * skin), 0, 1)
    teeth = np.clip((usual - 3 - red) / 4, 0, 1) * (light > 0.7 * skin)
    middle = light[:, 16:48]
    detail = np.abs(np.diff(middle, axis=0)).mean() / max(float(middle.mean()), 1.0)
    return float(np.maximum(dark, teeth).mean() + 2 * detail)


def mouth_mask(shape: tuple[int, ...], faces: list[Points]) -> Mask:
    """The lower faces, from under the nose to the chin, with a margin."""
    mask = np.zeros(shape[:2], np.uint8)
    for points in faces:
        hull = cv2.convexHull(np.round(points[list(_LOWER_FACE), :2]).astype(np.int32))
        cv2.fillConvexPoly(mask, hull, 1)
        margin = round(_MASK_MARGIN * eye_distance(points))
        cv2.polylines(mask, [hull], True, 1, 2 * margin + 1)
    return mask.astype(bool)


def psnr_db(one: RgbFrame, other: RgbFrame, where: Mask | None = None) -> float:
    """Peak signal-to-noise ratio of 8-bit pictures over all channels; inf when they are equal."""
    squares = (one.astype(np.int32) - other) ** 2
    error = float(squares.mean() if where is None else squares[where].mean())
    return float(10 * np.log10(255**2 / error)) if error else float("inf")


@dataclass
class Comparison:
    """What was measured per frame.

    Attributes:
        times_s: presentation times of the finished video.
        outside_db, whole_db: PSNR outside the mouths, and of the whole frame (inf: identical).
        lips, inside: opening by landmarks and by what shows, by face number: {frame: value}.
    """

    times_s: list[float] = field(default_factory=list)
    outside_db: list[float] = field(default_factory=list)
    whole_db: list[float] = field(default_factory=list)
    faces: list[int] = field(default_factory=list)
    lips: dict[int, dict[int, float]] = field(default_factory=dict)
    inside: dict[int, dict[int, float]] = field(default_factory=dict)
    masked_share: float = 0.0

    def mouth(self, measure: dict[int, dict[int, float]]) -> Series:
        """One opening per frame: of the face whose mouth is furthest from its rest; NaN: none."""
        path = np.full(len(self.times_s), np.nan)
        for values in measure.values():
            rest = float(np.percentile(list(values.values()), 10))
            for frame, value in values.items():
                path[frame] = np.fmax(path[frame], value - rest)
        return path


def compare(source: Path, finished: Path) -> Comparison:
    """Measure two videos of equal frame counts against each other, frame by frame; memory is flat.

    Raises:
        ValueError: they have different frame counts.
    """
    result, before, after = Comparison(), FaceFollower(), FaceFollower()
    for number, ((_, old), (time_s, new)) in enumerate(
        zip(frames(source), frames(finished), strict=True)
    ):
        faces, redone = before.follow(old), after.follow(new)
        mask = mouth_mask(old.shape, list(faces.values()))
        result.times_s.append(time_s)
        result.outside_db.append(psnr_db(old, new, ~mask))
        result.whole_db.append(psnr_db(old, new))
        result.faces.append(len(faces))
        result.masked_share = max(result.masked_share, float(mask.mean()))
        for face, points in redone.items():
            result.lips.setdefault(face, {})[number] = lip_opening(points)
        for face, points in faces.items():
            crop = mouth_crop(new, points)
            result.inside.setdefault(face, {})[number] = mouth_inside(crop)
    return result


def frames(path: Path) -> Iterator[tuple[float, RgbFrame]]:
    """Presentation time in seconds and RGB picture of each frame."""
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            yield float(frame.time or 0.0), frame.to_ndarray(format="rgb24")
