"""No conversion: every take stays as it was spoken."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from model_images.common.pitch import PitchStatistics
from model_images.convert_voice.protocol import Limits, TrainedVoice


class Unconverted:
    """The engine that does nothing."""

    uses_reference = False
    uses_trained_voice = False

    def convert(
        self,
        samples: NDArray[np.float64],
        sample_rate_hz: int,
        target: PitchStatistics,
        trained: TrainedVoice | None = None,
    ) -> NDArray[np.float64] | None:
        """The same samples."""
        return samples


def create(limits: Limits, seed: int = 0) -> Unconverted:
    """The engine; there is nothing to limit."""
    return Unconverted()
