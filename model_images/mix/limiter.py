"""A look-ahead true-peak limiter that turns all channels down together, and only near peaks.

The gain that a peak needs is held for 20 ms on both sides (a sliding minimum) and smoothed by a
Hann window of the same length: no average over the window can exceed what the peak in its middle
needs, so nothing overshoots. Away from peaks the gain is exactly 1. Stateless: any span of a
title can be limited from its surroundings, so blocks join exactly.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import minimum_filter1d
from scipy.signal import fftconvolve
from scipy.signal.windows import hann

from airdub.units import ms_to_ticks
from model_images.mix.loudness import PEAK_CONTEXT, amplitude, true_peaks

REACH = ms_to_ticks(20)
CONTEXT = 2 * REACH + PEAK_CONTEXT
"""Samples on either side that the limiter looks at."""

_MARGIN_DB = 0.1  # the moving gain shifts the peaks between the samples a little
_WINDOW = hann(2 * REACH + 3)[1:-1] / hann(2 * REACH + 3).sum()


def limiter_gain(signal: NDArray[np.floating], ceiling_dbtp: float) -> NDArray[np.float32]:
    """Gain of every inner sample that keeps the true peak under a ceiling.

    Args:
        signal: (frames, channels), with `CONTEXT` frames around the part that is limited.
        ceiling_dbtp: highest true peak wanted.

    Returns:
        (frames - 2 * CONTEXT,) in 0..1; exactly 1 where no peak is near.
    """
    inner = len(signal) - 2 * CONTEXT
    ceiling = amplitude(ceiling_dbtp - _MARGIN_DB)
    if 2 * np.abs(signal).max(initial=0) <= ceiling:
        return np.ones(inner, np.float32)
    needed = np.minimum(1.0, ceiling / np.maximum(true_peaks(signal), 1e-9))
    held = minimum_filter1d(needed, 2 * REACH + 1, mode="nearest")
    drop = fftconvolve(1.0 - held, _WINDOW, "valid")[REACH:-REACH]
    drop[drop < 1e-6] = 0.0  # the transform's rounding
    return (1.0 - drop).astype(np.float32)
