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


def likeness(
    a: NDArray[np.float32], b: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Cosines (0..1) of gradients and of colours.

    Args:
        a: looks, as of `looks_of`.
        b: the same, or many in rows.
    """
    split = _HOG.getDescriptorSize()
    return b[..., :split] @ a[:split], b[..., split:] @ a[split:]


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
    people = _People(len(tracks), max_gap)
    return [people.add(track) + 1 for track in tracks]


class _People:
    """Who was seen up to now, by numbers from 0: sums of looks, and when each was last there."""

    def __init__(self, most: int, max_gap: int) -> None:
        size = _HOG.getDescriptorSize() + int(np.prod(_COLOUR_BINS)) * 3
        self._max_gap = max_gap
        self._count = 0
        self._sums = np.zeros((most, size), np.float32)
        self._looks = np.zeros((most, size), np.float32)
        self._ends = np.zeros(most, np.int64)
        self._recent: list[tuple[int, Appearance]] = []

    def add(self, track: Appearance) -> int:
        """Whom the next track shows."""
        person = self._returned(track)
        if person is None:
            person = self._alike(track)
        self._count = max(self._count, person + 1)
        self._sums[person] += track.looks
        self._looks[person] = _standard(self._sums[person])
        self._ends[person] = max(self._ends[person], track.end_frame)
        self._recent.append((person, track))
        return person

    def _returned(self, track: Appearance) -> int | None:
        """The first of those who are known by their place."""
        self._recent = [
            (person, one)
            for person, one in self._recent
            if track.first_frame - one.end_frame <= self._max_gap
        ]
        found = (
            person
            for person, one in self._recent
            if self._ends[person] <= track.first_frame and _came_back(one, track, self._max_gap)
        )
        return min(found, default=None)

    def _alike(self, track: Appearance) -> int:
        """Who looks most alike of those who aren't there at the same time; else a new one."""
        gradients, colours = likeness(_standard(track.looks), self._looks[: self._count])
        known = (gradients >= MIN_GRADIENTS) & (colours >= MIN_COLOURS)
        known &= self._ends[: self._count] <= track.first_frame
        if not known.any():
            return self._count
        return int(np.where(known, gradients + colours, -1).argmax())


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


def _standard(looks: NDArray[np.float32]) -> NDArray[np.float32]:
    """A sum of looks as looks."""
    split = _HOG.getDescriptorSize()
    return np.concatenate([_unit(looks[:split]), _unit(looks[split:])])


def _unit(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    return vector / max(float(np.linalg.norm(vector)), 1e-9)
