"""How far a picture is from another one outside of a mask: PSNR and SSIM."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from model_images.common.pictures import Plane, Planes

Mask = NDArray[np.uint8]
"""(height, width) of the Y plane: 255 where pixels count, 0 where they don't."""

SMALL_SIDE = 256
_WINDOW = 7
_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
_UNBIASED = _WINDOW**2 / (_WINDOW**2 - 1)


def small_luma(luma: Plane) -> Plane:
    """A Y plane shrunk by a whole number to about 256 pixels on the short side."""
    step = max(1, round(min(luma.shape) / SMALL_SIDE))
    if step == 1:
        return luma
    size = (max(1, luma.shape[1] // step), max(1, luma.shape[0] // step))
    return np.asarray(cv2.resize(luma, size, interpolation=cv2.INTER_AREA), np.uint8)


def psnr_db(one: Planes, other: Planes, counted: Mask) -> float:
    """Peak signal-to-noise ratio over all samples of Y, Cb and Cr that count; inf without an error.

    As FFmpeg's `psnr_avg`: the error is the mean over all samples of the three planes.
    """
    squares, samples = 0.0, 0
    for a, b in zip(one, other, strict=True):
        mask = cv2.resize(counted, a.shape[::-1], interpolation=cv2.INTER_NEAREST)
        squares += cv2.norm(a, b, cv2.NORM_L2SQR, mask)
        samples += cv2.countNonZero(mask)
    if not samples:
        return math.nan
    return 10 * math.log10(255**2 * samples / squares) if squares else math.inf


def ssim(one: Plane, other: Plane, counted: Mask) -> float:
    """Mean structural similarity where pixels count, -1..1; NaN where none does.

    Wang et al. 2004 with windows of 7 x 7, unbiased as scikit-image's. Windows that touch masked
    pixels don't count where others are left.

    Args:
        one, other: by `small_luma`, as the authors' `ssim.m` shrinks pictures first.
        counted: of their size.
    """
    clear = cv2.erode(counted, np.ones((_WINDOW, _WINDOW), np.uint8))
    mask = clear if clear.any() else counted
    likeness = _ssim_map(one.astype(np.float32), other.astype(np.float32))
    return float(cv2.mean(likeness, mask)[0]) if mask.any() else math.nan


def _ssim_map(x: NDArray[np.float32], y: NDArray[np.float32]) -> NDArray[np.float32]:
    mean_x, mean_y = _mean(x), _mean(y)
    both = _UNBIASED * (_mean(x * y) - mean_x * mean_y)
    spread = _UNBIASED * (_mean(x * x) - mean_x**2 + _mean(y * y) - mean_y**2)
    level = (2 * mean_x * mean_y + _C1) / (mean_x**2 + mean_y**2 + _C1)
    return np.asarray(level * (2 * both + _C2) / (spread + _C2), np.float32)


def _mean(values: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(cv2.boxFilter(values, -1, (_WINDOW, _WINDOW)), np.float32)
