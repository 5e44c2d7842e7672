"""The dub's voice as it is heard: the decoded deliverable without the background.

The background is taken out with the gain and at the lag that were found for it. What is left is the
dub's voice, whatever else got in, and the encoder's noise (30 dB below speech at 192 kbit/s).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from model_images.common.pcm import Samples, dialogue_channels, read_span
from model_images.evaluate.analysis.background import find_bed

if TYPE_CHECKING:
    from model_images.evaluate.evidence import Evidence

Mono = NDArray[np.float32]


def heard_voice(evidence: Evidence, start: int, end: int) -> Mono:
    """The voice in a span of the dub, (end - start,): the mean of the dialogue's channels."""
    return read_voice(evidence.dub_sound, start, end) - background_under(evidence, start, end)


def background_under(evidence: Evidence, start: int, end: int) -> Mono:
    """The background on the dialogue's channels, likewise, as loud as it is in the dub.

    Silence when the background was not found in the deliverable.
    """
    bed = evidence.once(find_bed)
    lag = bed.lag_at((start + end) // 2)
    under = read_voice(evidence.path("background"), start - lag, end - lag)
    return np.float32(bed.gain) * under


def read_voice(path: Path, start: int, end: int) -> Mono:
    """A span of a sound file, the mean of the channels on which dialogue lies."""
    return np.asarray(voice_channels(read_span(path, start, end)).mean(axis=1), np.float32)


def voice_channels(samples: Samples) -> Samples:
    """The channels on which dialogue lies, (frames, 1 or 2)."""
    return samples[:, dialogue_channels(samples.shape[1])]
