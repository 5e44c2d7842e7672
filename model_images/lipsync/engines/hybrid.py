"""Mouths rewritten from donor frames of the same shot, then warped by what is left over.

For each frame a Viterbi path picks the donor whose mouth and pose fit (see `donors`); its lower
face is aligned, matched in colour and pasted (`paste`), and the lips are moved by the remaining
difference (`warp`). Donors lie in the frame's own chunk. A chunk in which a mouth hardly moves has
no donors: its own frames are warped.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model_images.common import mouth
from model_images.common.landmarks import Kept
from model_images.common.pictures import Picture, Planes
from model_images.lipsync import paste
from model_images.lipsync.crops import CropStore
from model_images.lipsync.donors import Features, donor_path
from model_images.lipsync.patches import Rectangle, take
from model_images.lipsync.protocol import MAX_YAW, Edit, FacePoints, Range, Scene
from model_images.lipsync.targets import blend

NEAR_STILL = 0.006
"""Deviation of the opening, in eye distances, below which a chunk has no mouths to lend."""

STILL_RANGE = 0.12
"""Between a shut and a wide open mouth, in eye distances, where a scene shows no open one."""

SHUT_BELOW = 0.06
"""Lips that touch are this far below the usual least opening, which is 0.01 - 0.03 on real faces.
The landmark model sees some shut lips as open by 0.1; shutting them to 0 would squeeze them."""

MAX_WARP, MAX_STILL_WARP = 0.06, 0.16
"""How far lips are parted by warping, in eye distances: after a donor, and without one."""

_DIGITS = 4
"""Of numbers in edits: the last digits of a sum differ from machine to machine."""


class HybridLips:
    """A `LipEngine` of donor frames and warps; about 5 ms a changed face at 512 x 512."""

    def plan(self, scene: Scene, usual: Range) -> list[Edit]:
        """Edits of a scene, in order of frames."""
        opening, width = mouth.opening(scene.points), mouth.width(scene.points)
        pose = _pose(scene.points)
        usable = np.abs(pose[:, 0]) < MAX_YAW
        changed = np.flatnonzero((scene.weight > 0) & usable)
        if not len(changed):
            return []
        own = Range.of(opening[usable], width[usable])
        reach = own if own.spread >= 0.7 * usual.spread else usual
        if reach.spread < NEAR_STILL:
            reach = replace(reach, open=max(reach.open, reach.shut + STILL_RANGE))
        wanted_opening, wanted_width = _wanted(scene, reach, opening, width)
        lenders = np.flatnonzero(usable)
        path = donor_path(
            wanted_opening[changed],
            wanted_width[changed],
            pose[changed],
            scene.chunks[changed],
            Features(
                opening[lenders],
                width[lenders],
                pose[lenders],
                np.concatenate([[False], np.diff(scene.frames[lenders]) == 1]),
                scene.chunks[lenders],
            ),
        )
        still = _still(opening[lenders], scene.chunks[lenders], scene.chunks[changed])
        donors = np.where(still, changed, lenders[path])
        most = np.where(still, MAX_STILL_WARP, MAX_WARP)
        shown = np.clip(wanted_opening[changed], 0.0, opening[donors] + most)
        points = list(scene.points)  # a frame that is changed and lends is pickled once
        return [
            Edit(
                frame=int(scene.frames[row]),
                face=scene.face,
                donor=int(scene.frames[donors[number]]),
                points=points[row],
                donor_points=points[donors[number]],
                opening=round(float(shown[number]), _DIGITS),
                weight=round(float(scene.weight[row]), _DIGITS),
                method="warp" if still[number] else "rewrite",
            )
            for number, row in enumerate(changed)
        ]

    def render(
        self,
        pictures: Iterable[Picture],
        donors: Iterable[Picture],
        edits: Mapping[int, Sequence[Edit]],
        scratch: Path,
    ) -> Iterator[tuple[Picture, Planes]]:
        """Every picture with its pixels after the edits."""
        lent: dict[int, dict[str, FacePoints]] = defaultdict(dict)
        for edit in (edit for frame in edits.values() for edit in frame):
            if edit.donor != edit.frame:
                lent[edit.donor][edit.face] = edit.donor_points
        with CropStore(scratch / "donors.yuv") as store:
            for picture in donors:
                for face, points in lent.get(picture.index, {}).items():
                    store.put((picture.index, face), *_crop(picture, points))
            for picture in pictures:
                yield picture, _edited(picture, edits.get(picture.index, ()), store)


def _edited(picture: Picture, edits: Sequence[Edit], store: CropStore) -> Planes:
    """A picture's planes, copied and changed if there is an edit."""
    if not edits:
        return picture.planes
    y, u, v = (plane.copy() for plane in picture.planes)
    for edit in edits:
        own = edit.donor == edit.frame
        donor = _crop(picture, edit.points) if own else store.get((edit.donor, edit.face))
        paste.apply((y, u, v), picture.layout, edit, donor)
    return y, u, v


def _crop(picture: Picture, points: FacePoints) -> tuple[Rectangle, Planes]:
    """What a picture lends of a face."""
    rectangle = paste.donor_rectangle(points, picture.layout)
    return rectangle, take(picture.planes, rectangle, picture.layout)


def _still(
    opening: NDArray[np.float64], chunks: NDArray[np.int64], of: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Whether the mouth hardly moves in each of some chunks, (len(of),).

    Args:
        opening, chunks: of the frames that may lend, (frames,); they hold every chunk of `of`.
    """
    numbers, places = np.unique(of, return_inverse=True)
    still = np.array([opening[chunks == number].std() < NEAR_STILL for number in numbers])
    return still[places]


def _wanted(
    scene: Scene, reach: Range, own: NDArray[np.float64], own_width: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Wanted opening and width in eye distances, (frames,); spans fade in and out."""
    target = reach.shut + scene.wanted.opening * (reach.open - reach.shut)
    shut = max(0.0, reach.shut - SHUT_BELOW)
    target = blend(target, np.full_like(target, shut), scene.wanted.closure)
    spread = reach.narrow + scene.wanted.width * (reach.wide - reach.narrow)
    return blend(own, target, scene.weight), blend(own_width, spread, scene.weight)


def _pose(points: Kept) -> NDArray[np.float64]:
    """Yaw, pitch, roll and log size of a face, (frames, 4)."""
    return np.column_stack([mouth.pose(points), np.log(mouth.eye_distance(points))])


def load() -> HybridLips:
    """The engine."""
    return HybridLips()
