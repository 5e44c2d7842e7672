"""What every conversion keeps of a take: its length and its loudness."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_CEILING = 0.98


def fitted(samples: NDArray[np.float64], length: int) -> NDArray[np.float64]:
    """The samples cut, or padded with silence, to a length: phoneme times must stay true."""
    return np.pad(samples[:length], (0, max(0, length - len(samples))))


def like(samples: NDArray[np.float64], original: NDArray[np.float64]) -> NDArray[np.float64]:
    """The samples at the original's RMS, as far as that doesn't clip."""
    level, wanted = (np.sqrt(np.mean(np.square(x))) for x in (samples, original))
    peak = np.abs(samples).max()
    if level == 0 or peak == 0:
        return samples
    return samples * min(wanted / level, _CEILING / peak)
