"""The landmarks archive: which face points are kept, and how they are stored.

An .npz with, per track, `<track>/points`: int16 (frames, len(KEPT), 2) in units of `quantum_px`
(x, y in upright pixels), smoothed over three frames; and
`ticks`: onset of every frame of the video. Bytes depend on the content alone.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from airdub.errors import InvalidInput
from model_images.common.arrays import write_arrays

Kept = NDArray[np.float32]
"""Points of one track as (frames, len(KEPT), 2): x, y in upright pixels."""

# Numbers of the 468-point mesh.
OUTER_LIPS = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291)
OUTER_LIPS += (409, 270, 269, 267, 0, 37, 39, 40, 185)
INNER_LIPS = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308)
INNER_LIPS += (415, 310, 311, 312, 13, 82, 81, 80, 191)
RIGID = (33, 133, 362, 263, 168, 6, 197, 195, 5, 4, 127, 356, 9, 8)
"""Eyes, bridge of the nose and temples: what doesn't move when a mouth does."""
LOWER_FACE = (2, 164, 393, 391, 322, 410, 432, 434, 430, 394, 379, 400, 377)
LOWER_FACE += (152, 148, 176, 150, 169, 210, 214, 212, 186, 92, 165, 167)
"""Outline of what a mouth moves: from under the nose round the chin."""

KEPT = tuple(sorted({*OUTER_LIPS, *INNER_LIPS, *RIGID, *LOWER_FACE}))
_ROW = {number: row for row, number in enumerate(KEPT)}

_FINEST_PX = 1 / 8
_INT16_MAX = 32767


def rows(numbers: tuple[int, ...]) -> list[int]:
    """Rows of mesh points in the kept arrays."""
    return [_ROW[number] for number in numbers]


def quantum_for(width: int, height: int) -> float:
    """Smallest step in pixels that holds a picture and as much again around it in 16 bit."""
    return max(_FINEST_PX, 2 * max(width, height) / _INT16_MAX)


def pack(points: NDArray[np.float32], quantum_px: float) -> NDArray[np.int16]:
    """Points (..., 2) in pixels as multiples of the quantum."""
    steps = np.round(points / quantum_px)
    return np.clip(steps, -_INT16_MAX, _INT16_MAX).astype(np.int16)


def smooth(points: Kept) -> Kept:
    """Weighted mean of each frame (1/2) and its neighbours (1/4 each); ends count twice."""
    padded = np.concatenate([points[:1], points, points[-1:]])
    return (padded[:-2] + 2 * padded[1:-1] + padded[2:]) / 4


def write_landmarks(
    path: Path,
    tracks: Mapping[str, NDArray[np.int16]],
    quantum_px: float,
    ticks: NDArray[np.int64],
) -> None:
    """Write the archive.

    Args:
        tracks: ids to packed points (frames, len(KEPT), 2).
        ticks: of the 48 kHz clock, onset of each frame since the first.
    """
    members: dict[str, NDArray[np.generic]] = {
        f"{track}/points": points for track, points in sorted(tracks.items())
    }
    members["ticks"] = ticks
    members["quantum_px"] = np.array(quantum_px)
    members["kept"] = np.array(KEPT, np.int16)
    write_arrays(path, members)


class Landmarks:
    """An archive of landmarks, a context manager; a track is read when it is asked for.

    Raises:
        InvalidInput: the file isn't an archive that `write_landmarks` made.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._archive = np.load(path, allow_pickle=False)
        except (ValueError, OSError, zipfile.BadZipFile) as error:
            raise _broken(path, str(error)) from error
        if tuple(self._member("kept").tolist()) != KEPT:
            raise _broken(path, "it holds other face points than this version keeps")
        self._quantum_px = float(self._member("quantum_px"))

    def __enter__(self) -> Landmarks:
        return self

    def __exit__(self, *_: object) -> None:
        self._archive.close()

    @cached_property
    def ticks(self) -> NDArray[np.int64]:
        """Onset of every frame of the video, (frames,), ticks since the first."""
        return self._member("ticks").astype(np.int64)

    def points(self, track: str, first: int = 0, end: int | None = None) -> Kept:
        """Points of a track's frames `first` up to `end`, counted from its own first frame.

        Shape (frames, len(KEPT), 2), float32 pixels.
        """
        packed = self._member(f"{track}/points")[first:end]
        return packed.astype(np.float32) * np.float32(self._quantum_px)

    def _member(self, name: str) -> NDArray[np.generic]:
        try:
            return self._archive[name]  # type: ignore[no-any-return]
        except (KeyError, ValueError, OSError, zipfile.BadZipFile) as error:
            raise _broken(self._path, f"{name} can't be read: {error}") from error


def _broken(path: Path, what: str) -> InvalidInput:
    return InvalidInput(
        f"not a landmarks archive: {what}", where=path.name, remedy="clear the task track_faces"
    )
