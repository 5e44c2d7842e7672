"""Which tracks show the same person: conservative, from looks and from place.

A face's looks are two descriptors of its eye-aligned crop: histograms of oriented gradients (Dalal
and Triggs 2005) of eyes and nose, and colours of face, hair and collar. Averaged over a track they
tell the few faces of a scene apart; they are no face recognition, so in doubt tracks stay apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from model_images.common.face_mesh import OUTER_EYES, Points, RgbFrame

CROP = 64
MIN_GRADIENTS, MIN_COLOURS = 0.93, 0.80
"""Cosines from which two tracks show one person. One person's tracks reach 0.95 and 0.96 and more,
different people's gradients 0.89 at most, one face in a wig and another coat 0.86."""

_HOG = cv2.HOGDescriptor((CROP, CROP), (16, 16), (8, 8), (8, 8), 9)
_EYES_Y, _EYES_APART = 0.5, 0.62  # of the crop: it ends above the mouth, which moves
_WIDE = 2.2  # the colour crop's side over the face crop's
_COLOUR_BINS = (4, 8, 8)


def looks_of(frame: RgbFrame, mesh: Points) -> NDArray[np.float32]:
    """Appearance of a face as two unit vectors in a row: gradients, then colours; float32."""
    face = cv2.cvtColor(_aligned(frame, mesh, 1.0), cv2.COLOR_RGB2GRAY)
    gradients = _HOG.compute(cv2.equalizeHist(face)).ravel()
    wide = cv2.cvtColor(_aligned(frame, mesh, _WIDE), cv2.COLOR_RGB2LAB)
    colours = np.concatenate([_histogram(half) for half in np.array_split(wide, 3)])
    return np.concatenate([_unit(gradients), _unit(np.sqrt(colours))]).astype(np.float32)


def likeness(a: NDArray[np.float32], b: NDArray[np.float32]) -> tuple[float, float]:
    """Cosines (0..1) of gradients and of colours of two looks, or of sums of looks."""
    split = _HOG.getDescriptorSize()
    gradients = float(_unit(a[:split]) @ _unit(b[:split]))
    return gradients, float(_unit(a[split:]) @ _unit(b[split:]))


@dataclass(frozen=True)
class Appearance:
    """What is known of a track's face.

    Attributes:
        first_frame, end_frame: half-open span.
        shot: number of the shot it lies in.
        first_box, last_box: centre x, y and width of the face, pixels.
        looks: mean of `looks_of`.
    """

    first_frame: int
    end_frame: int
    shot: int
    first_box: tuple[float, float, float]
    last_box: tuple[float, float, float]
    looks: NDArray[np.float32]


def identities(tracks: Sequence[Appearance], *, max_gap: int) -> list[int]:
    """Number of the person of each track, from 1 in order of appearance.

    Two tracks of one frame are never one person. Within a shot a face that comes back where it
    went is the same one; else the most alike person is taken if alike enough.

    Args:
        tracks: in order of their first frames.
        max_gap: frames for which a face may be away and still be known by its place.
    """
    people: list[list[Appearance]] = []
    numbers = []
    for track in tracks:
        person = _person(track, people, max_gap)
        if person is None:
            people.append([])
            person = len(people) - 1
        people[person].append(track)
        numbers.append(person + 1)
    return numbers


def _person(track: Appearance, people: list[list[Appearance]], max_gap: int) -> int | None:
    best, best_score = None, 0.0
    for number, known in enumerate(people):
        if any(_together(track, other) for other in known):
            continue
        if any(_came_back(other, track, max_gap) for other in known):
            return number
        gradients, colours = likeness(track.looks, np.sum([other.looks for other in known], axis=0))
        alike = gradients >= MIN_GRADIENTS and colours >= MIN_COLOURS
        if alike and gradients + colours > best_score:
            best, best_score = number, gradients + colours
    return best


def _together(a: Appearance, b: Appearance) -> bool:
    return a.first_frame < b.end_frame and b.first_frame < a.end_frame


def _came_back(before: Appearance, after: Appearance, max_gap: int) -> bool:
    """Whether a face went and came back at the same place of the same shot."""
    if before.shot != after.shot or not 0 <= after.first_frame - before.end_frame <= max_gap:
        return False
    (x0, y0, width0), (x1, y1, width1) = before.last_box, after.first_box
    near = np.hypot(x1 - x0, y1 - y0) < 0.5 * max(width0, width1)
    return bool(near and 0.6 < width1 / max(width0, 1e-6) < 1.6)


def _aligned(frame: RgbFrame, mesh: Points, widen: float) -> RgbFrame:
    """The face as CROP x CROP with level eyes in the same places; `widen` shows more around it."""
    right, left = mesh[OUTER_EYES[0], :2], mesh[OUTER_EYES[1], :2]
    apart = left - right
    scale = _EYES_APART * CROP / widen / max(float(np.hypot(*apart)), 1e-6)
    cos, sin = scale * apart / max(float(np.hypot(*apart)), 1e-6)
    turn = np.array([[cos, sin], [-sin, cos]])
    middle = np.array([0.5, 0.5 + (_EYES_Y - 0.5) / widen]) * CROP
    matrix = np.column_stack([turn, middle - turn @ ((right + left) / 2)])
    return cv2.warpAffine(
        frame, matrix, (CROP, CROP), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE
    )


def _histogram(lab: NDArray[np.uint8]) -> NDArray[np.float32]:
    ranges = [0, 256] * 3
    return cv2.calcHist([lab], [0, 1, 2], None, list(_COLOUR_BINS), ranges).ravel()


def _unit(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    return vector / max(float(np.linalg.norm(vector)), 1e-9)
