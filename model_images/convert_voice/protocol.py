"""What a voice conversion engine is to the stage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from model_images.common.pitch import PitchStatistics


@dataclass(frozen=True)
class Limits:
    """How far a take's pitch may be moved.

    Attributes:
        lowest_ratio, highest_ratio: of the mean F0.
        deviation_ratio: the intonation's range grows or shrinks by this factor at most.
    """

    lowest_ratio: float = 0.5
    highest_ratio: float = 2.0
    deviation_ratio: float = 2.0


class VoiceConverter(Protocol):
    """An engine. Its module has `create(limits: Limits) -> VoiceConverter`.

    A model is loaded once for all of them in a process (`functools.cache`).
    """

    uses_reference: bool
    """Whether takes are to be converted; otherwise they stay as they are, unread."""

    def convert(
        self, samples: NDArray[np.float64], sample_rate_hz: int, target: PitchStatistics
    ) -> NDArray[np.float64] | None:
        """The take in the target's voice, sample for sample in time with the given one.

        Args:
            samples: (n,), mono, full scale +-1.
            target: of the source's speaker.

        Returns:
            (n,), or None when there is no voiced sound in the take to be converted.
        """
        ...
