"""Frechet distance of pictures' features by the Inception network that FID is defined on.

Neither the network's package (pytorch-fid, with torch) nor its weights come with airdub: where both
are present they are used. Nothing is fetched here.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

Rgb = NDArray[np.uint8]
Features = NDArray[np.float64]

WEIGHTS = "pt_inception-2015-12-05-6726825d.pth"
HOW_TO_GET = (
    "install pytorch-fid into the stages' environment and run "
    "`python -c 'from pytorch_fid.inception import InceptionV3; InceptionV3()'` once, which "
    "fetches 91 MB of weights"
)

_BATCH = 32


def find_weights() -> Path | None:
    """The weights in torch's cache; None when they or pytorch-fid aren't there."""
    if find_spec("torch") is None or find_spec("pytorch_fid") is None:
        return None
    import torch

    path = Path(torch.hub.get_dir()) / "checkpoints" / WEIGHTS
    return path if path.is_file() else None


class Inception:
    """The network up to its last pooling: 2048 features of a picture."""

    def __init__(self) -> None:
        import torch
        from pytorch_fid.inception import InceptionV3

        torch.set_num_threads(1)
        self._torch = torch
        self._network = InceptionV3([InceptionV3.BLOCK_INDEX_BY_DIM[2048]]).eval()

    def features(self, pictures: list[Rgb]) -> Features:
        """Features of RGB pictures of one size: (pictures, 2048)."""
        batch = np.stack(pictures).transpose(0, 3, 1, 2).astype(np.float32) / 255
        with self._torch.no_grad():
            (pooled,) = self._network(self._torch.from_numpy(batch))
        return np.asarray(pooled[:, :, 0, 0].numpy(), np.float64)


class Moments:
    """Mean and covariance of the features of pictures, which aren't kept.

    Args:
        features: of a list of pictures: (pictures, features).
    """

    def __init__(self, features: Callable[[list[Rgb]], Features]) -> None:
        self.count = 0
        self._features = features
        self._sum: Features | float = 0.0
        self._squares: Features | float = 0.0
        self._waiting: list[Rgb] = []

    def add(self, picture: Rgb) -> None:
        """Take another picture."""
        self._waiting.append(picture)
        if len(self._waiting) == _BATCH:
            self._flush()

    def _flush(self) -> None:
        if self._waiting:
            found = self._features(self._waiting)
            self.count += len(found)
            self._sum = self._sum + found.sum(axis=0)
            self._squares = self._squares + found.T @ found
            self._waiting = []

    def finish(self) -> tuple[Features, Features]:
        """Mean (features,) and unbiased covariance (features, features)."""
        self._flush()
        mean = np.asarray(self._sum / self.count)
        centred = self._squares - self.count * np.outer(mean, mean)
        return mean, np.asarray(centred / (self.count - 1))


def frechet_distance(one: tuple[Features, Features], other: tuple[Features, Features]) -> float:
    """Of two normal distributions (Dowson and Landau 1982); FID of Inception's features.

    The root of the covariances' product is taken in its symmetric form, which stays real.

    Args:
        one, other: mean and covariance.
    """
    values, vectors = linalg.eigh(one[1])
    root = vectors * np.sqrt(np.clip(values, 0, None)) @ vectors.T
    shared = np.sqrt(np.clip(linalg.eigvalsh(root @ other[1] @ root), 0, None)).sum()
    return float(np.square(one[0] - other[0]).sum() + np.trace(one[1] + other[1]) - 2 * shared)
