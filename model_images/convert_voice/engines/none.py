"""No conversion: every take stays as it was spoken."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from model_images.common.pitch import PitchStatistics
from model_images.convert_voice.protocol import Limits


class Unconverted:
    """The engine that does nothing."""

    uses_reference = False

    def convert(
        self, samples: NDArray[np.float64], sample_rate_hz: int, target: PitchStatistics
    ) -> NDArray[np.float64] | None:
        """The same samples."""
        return samples


def create(limits: Limits) -> Unconverted:
    """The engine; there is nothing to limit."""
    return Unconverted()
