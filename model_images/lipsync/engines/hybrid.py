"""Mouths rewritten from donor frames of the same shot, then warped by what is left over.

For each frame a Viterbi path picks the donor whose mouth and pose fit (see `donors`); its lower
face is aligned, matched in colour and pasted (`paste`), and the lips are moved by the remaining
difference (`warp`). A clip whose mouth hardly moves has no donors: its own frames are warped.
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
from model_images.lipsync.patches import take
from model_images.lipsync.protocol import Edit, FacePoints, Range, Scene
from model_images.lipsync.targets import blend

MAX_YAW = 0.45
"""Beyond about 45 degrees the far half of the mouth is out of sight: the frame is left alone."""

NEAR_STILL = 0.006
"""Deviation of the opening, in eye distances, below which a scene has no mouths to lend."""

STILL_RANGE = 0.12
"""Between a shut and a wide open mouth, in eye distances, where a scene shows no open one."""

SHUT_BELOW = 0.06
"""Lips that touch are this far below the usual least opening, which is 0.01 - 0.03 on real faces.
The landmark model sees some shut lips as open by 0.1; shutting them to 0 would squeeze them."""

MAX_WARP, MAX_STILL_WARP = 0.06, 0.16
"""How far lips are parted by warping, in eye distances: after a donor, and without one."""


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
        still = max(own.spread, usual.spread) < NEAR_STILL
        reach = own if own.spread >= 0.7 * usual.spread else usual
        if still:
            reach = replace(reach, open=max(reach.open, reach.shut + STILL_RANGE))
        wanted_opening, wanted_width = _wanted(scene, reach, opening, width)
        lenders = np.flatnonzero(usable)
        donors = changed
        if not still:
            path = donor_path(
                wanted_opening[changed],
                wanted_width[changed],
                pose[changed],
                Features(
                    opening[lenders],
                    width[lenders],
                    pose[lenders],
                    np.concatenate([[False], np.diff(scene.frames[lenders]) == 1]),
                ),
            )
            donors = lenders[path]
        most = MAX_STILL_WARP if still else MAX_WARP
        shown = np.clip(wanted_opening[changed], 0.0, opening[donors] + most)
        return [
            Edit(
                frame=int(scene.frames[row]),
                face=scene.face,
                donor=int(scene.frames[donor]),
                points=scene.points[row],
                donor_points=scene.points[donor],
                opening=float(shown[number]),
                weight=float(scene.weight[row]),
                method="warp" if still else "rewrite",
            )
            for number, (row, donor) in enumerate(zip(changed, donors, strict=True))
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
            lent[edit.donor][edit.face] = edit.donor_points
        with CropStore(scratch / "donors.yuv") as store:
            for picture in donors:
                for face, points in lent.get(picture.index, {}).items():
                    rectangle = paste.donor_rectangle(points, picture.layout)
                    crop = take(picture.planes, rectangle, picture.layout)
                    store.put((picture.index, face), rectangle, crop)
            for picture in pictures:
                yield picture, _edited(picture, edits.get(picture.index, ()), store)


def _edited(picture: Picture, edits: Sequence[Edit], store: CropStore) -> Planes:
    """A picture's planes, copied and changed if there is an edit."""
    if not edits:
        return picture.planes
    y, u, v = (plane.copy() for plane in picture.planes)
    for edit in edits:
        paste.apply((y, u, v), picture.layout, edit, store.get((edit.donor, edit.face)))
    return y, u, v


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
