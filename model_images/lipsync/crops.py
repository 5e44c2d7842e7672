"""Donors' lower faces, kept on disk: memory stays flat however long a shot is."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from model_images.common.pictures import Plane, Planes
from model_images.lipsync.patches import Rectangle

Key = tuple[int, str]
"""Frame and face."""


class CropStore:
    """Parts of planes in one scratch file, found by key.

    Args:
        path: the file; made here, removed on leaving.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open("w+b")
        self._places: dict[Key, tuple[int, Rectangle, list[tuple[int, int]]]] = {}
        self._end = 0

    def put(self, key: Key, rectangle: Rectangle, parts: Planes) -> None:
        """Keep the parts of planes that `patches.take` gave for a rectangle."""
        self._file.seek(self._end)
        self._places[key] = (self._end, rectangle, [part.shape for part in parts])
        for part in parts:
            self._end += self._file.write(np.ascontiguousarray(part).data)

    def get(self, key: Key) -> tuple[Rectangle, Planes]:
        """The rectangle and its parts. Raises KeyError for a key that was never put."""
        place, rectangle, shapes = self._places[key]
        self._file.seek(place)
        y, u, v = (self._read(shape) for shape in shapes)
        return rectangle, (y, u, v)

    def _read(self, shape: tuple[int, int]) -> Plane:
        return np.frombuffer(self._file.read(shape[0] * shape[1]), np.uint8).reshape(shape)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._file.close()
        self._path.unlink()
