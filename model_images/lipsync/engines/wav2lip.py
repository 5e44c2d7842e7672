"""Lower faces drawn from the dub's sound by Wav2Lip, 96 x 96 pixels each.

What it draws is laid over the frame's own lower face under the mask and in the colours that the
other engines use. Faces turned away or very small are left alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from airdub.errors import EngineFailed, InvalidInput
from model_images.common import mouth
from model_images.common.checkpoints import weights_file
from model_images.common.pictures import Picture, Planes
from model_images.common.torch_runtime import device, in_batches, one_thread, precision
from model_images.lipsync.colours import Bgr, Colours
from model_images.lipsync.protocol import MAX_YAW, Edit, Range, Scene
from model_images.lipsync.wav2lip import crops
from model_images.lipsync.wav2lip.checkpoint import load_network
from model_images.lipsync.wav2lip.hearing import heard, values
from model_images.lipsync.wav2lip.network import SIZE, Wav2LipNetwork

WEIGHTS = "wav2lip_gan.pth"

LEAST_PX = 24
"""Height of a face below which its mouth is a few pixels, and is left alone."""

BATCH = {"cuda": 64, "cpu": 1}
"""Faces at once. On a CPU one: with more the last digits are others, so that a chunk's bytes would
depend on the batch. It costs 73 ms a face of one core; four at once cost 46."""

_DIGITS = 4

Face = tuple[NDArray[np.float32], NDArray[np.float32]]
"""A spectrogram (80, 16), and pixels (6, 96, 96)."""


class Wav2Lip:
    """A `LipEngine` that hears the dub."""

    def plan(self, scene: Scene, usual: Range) -> list[Edit]:
        """Edits of a scene, in order of frames."""
        if scene.sound is None:
            raise InvalidInput(
                "the dub's voices are not among the inputs", where="dialogue_stem", remedy="give it"
            )
        usable = np.abs(mouth.pose(scene.points)[:, 0]) < MAX_YAW
        rows = np.flatnonzero((scene.weight > 0) & usable)
        rows = np.array([row for row in rows if _is_large(scene, row)], np.int64)
        if not len(rows):
            return []
        return [
            Edit(
                frame=int(scene.frames[row]),
                face=scene.face,
                donor=int(scene.frames[row]),
                points=scene.points[row],
                donor_points=scene.points[row],
                opening=0.0,
                weight=round(float(scene.weight[row]), _DIGITS),
                method="draw",
                heard=mel,
            )
            for row, mel in zip(rows, heard(scene.sound, rows), strict=True)
        ]

    def render(
        self,
        pictures: Iterable[Picture],
        donors: Iterable[Picture],
        edits: Mapping[int, Sequence[Edit]],
        scratch: Path,
    ) -> Iterator[tuple[Picture, Planes]]:
        """Every picture with its pixels after the edits."""
        most = BATCH[device().type]
        for batch in _gathered(pictures, edits, most):
            drawn = _drawn(batch, edits, most)
            for picture in batch:
                yield picture, _edited(picture, drawn[picture.index])


def draw(faces: Sequence[Face]) -> list[Bgr]:
    """New faces, (96, 96, 3) each.

    Raises:
        EngineFailed: the network gives what are no numbers.
    """
    at, kind = device(), precision()
    mel = torch.from_numpy(np.stack([mel for mel, _ in faces])[:, None]).to(at, kind)
    given = torch.from_numpy(np.stack([face for _, face in faces])).to(at, kind)
    with torch.inference_mode(), one_thread():
        made = network()(mel, given).float().cpu().numpy()
    if not np.isfinite(made).all():
        raise EngineFailed(
            f"the network gives NaN or infinite pixels in {kind}",
            where=WEIGHTS,
            remedy="see by `airdub weights verify` whether its file is whole",
        )
    return list(np.ascontiguousarray(made.transpose(0, 2, 3, 1)) * np.float32(255))


@cache
def network() -> Wav2LipNetwork:
    """Read at the first face that is drawn, once in each process."""
    return load_network(weights_file("lipsync", "wav2lip", WEIGHTS), device(), precision())


def _gathered(
    pictures: Iterable[Picture], edits: Mapping[int, Sequence[Edit]], most: int
) -> Iterator[list[Picture]]:
    """Pictures in groups: with so many faces, or so many where faces are rare."""
    group: list[Picture] = []
    faces = 0
    for picture in pictures:
        group.append(picture)
        faces += len(edits.get(picture.index, ()))
        if max(faces, len(group)) >= most:
            yield group
            group, faces = [], 0
    if group:
        yield group


def _drawn(
    pictures: Iterable[Picture], edits: Mapping[int, Sequence[Edit]], most: int
) -> Mapping[int, list[tuple[Edit, Bgr]]]:
    """New faces by the picture that they are for; those that none shows are left out."""
    wanted: list[tuple[int, Edit]] = []
    faces: list[Face] = []
    for picture in pictures:
        colours = Colours.of(picture)
        for edit in edits.get(picture.index, ()):
            seen = crops.crop(picture.planes, picture.layout, edit.points, colours)
            if seen is not None and edit.heard is not None:
                wanted.append((picture.index, edit))
                faces.append((values(edit.heard), _given(seen)))
    found: dict[int, list[tuple[Edit, Bgr]]] = defaultdict(list)
    for (frame, edit), face in zip(wanted, in_batches(faces, most, draw), strict=True):
        found[frame].append((edit, face))
    return found


def _given(face: Bgr) -> NDArray[np.float32]:
    """Pixels as the network takes them: with the lower half black, and as they are."""
    seen = np.ascontiguousarray(face.transpose(2, 0, 1)) / np.float32(255)
    masked = seen.copy()
    masked[:, SIZE // 2 :] = 0
    return np.concatenate([masked, seen])


def _edited(picture: Picture, drawn: Sequence[tuple[Edit, Bgr]]) -> Planes:
    """A picture's planes, copied and changed if a face was drawn."""
    if not drawn:
        return picture.planes
    y, u, v = (plane.copy() for plane in picture.planes)
    for edit, face in drawn:
        crops.lay_back((y, u, v), picture.layout, edit, face, Colours.of(picture))
    return y, u, v


def _is_large(scene: Scene, row: int) -> bool:
    return crops.height_px(scene.points[row]) >= LEAST_PX


def load() -> Wav2Lip:
    """The engine."""
    return Wav2Lip()
