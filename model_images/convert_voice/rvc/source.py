"""The excitation of the generator: a sine at the pitch where there is one, noise everywhere.

Neural source-filter model (Wang, Takaki, Yamagishi 2019) with the fundamental alone, as in RVC.
The phase goes on from frame to frame over a whole sound, wherever a piece begins.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_LEVEL = 0.1
_VOICED_NOISE, _UNVOICED_NOISE = 0.003, _LEVEL / 3


def phases(
    f0_hz: NDArray[np.float64], sample_rate_hz: int, frame_samples: int
) -> NDArray[np.float64]:
    """The phase at which each frame begins, in cycles 0..1: (frames,)."""
    turned = f0_hz / sample_rate_hz * frame_samples
    return (np.cumsum(turned) - turned) % 1


def excitation(
    f0_hz: NDArray[np.float64],
    began: NDArray[np.float64],
    noise: NDArray[np.float32],
    sample_rate_hz: int,
) -> NDArray[np.float32]:
    """The excitation of some frames, (samples,).

    Args:
        f0_hz: (frames,), 0 where unvoiced.
        began: (frames,), see `phases`.
        noise: (frames, samples of a frame), standard normal.
    """
    voiced = f0_hz[:, None] > 0
    within = np.arange(1, noise.shape[1] + 1) / sample_rate_hz
    sine = np.sin(2 * np.pi * (began[:, None] + f0_hz[:, None] * within))
    drawn = noise * np.where(voiced, _VOICED_NOISE, _UNVOICED_NOISE)
    return (sine * _LEVEL * voiced + drawn).reshape(-1).astype(np.float32)
