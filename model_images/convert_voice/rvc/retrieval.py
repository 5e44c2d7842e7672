"""Features drawn to those that the voice itself was heard with: a FAISS index of its recordings."""

from __future__ import annotations

from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

from airdub.errors import InvalidInput

_NEIGHBOURS = 8
_LEAST_DISTANCE = 1e-12  # of a feature that is itself in the index

Features = NDArray[np.float32]
"""(frames, size)."""


class Retrieval:
    """An index in the official format (`IVFn,Flat`), with its vectors in memory.

    Args:
        size: of a feature vector.

    Raises:
        InvalidInput: no index, empty, or of vectors of another size.
    """

    def __init__(self, path: Path, size: int) -> None:
        try:
            self._index = faiss.read_index(str(path))
            self._vectors = self._index.reconstruct_n(0, self._index.ntotal)
        except RuntimeError as error:
            raise _unusable(path, "it can't be read as an index of FAISS") from error
        if self._index.d != size:
            raise _unusable(path, f"its vectors have {self._index.d} numbers, not {size}")
        if not len(self._vectors):
            raise _unusable(path, "it holds no vectors")

    def near(self, features: Features) -> Features:
        """For each frame the mean of its 8 nearest, by 1 / distance squared."""
        distances, numbers = self._index.search(features, _NEIGHBOURS)
        weights = np.square(1 / np.maximum(distances, _LEAST_DISTANCE).astype(np.float64))
        weights[numbers < 0] = 0  # fewer than 8 were in reach
        weights /= np.maximum(weights.sum(axis=1, keepdims=True), np.finfo(np.float64).tiny)
        return np.einsum("fn,fnd->fd", weights, self._vectors[numbers]).astype(np.float32)


def _unusable(path: Path, why: str) -> InvalidInput:
    return InvalidInput(
        f"no index of this voice: {why}",
        where=str(path),
        remedy="give the added_*.index of the voice's own training, or none",
    )
