"""What the pictures are compared with: speech activity and loudness at each frame."""

from __future__ import annotations

from bisect import bisect_right
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from airdub.speech import SpeechSpans
from airdub.units import CLOCK_HZ
from model_images.common import pcm

STEP_TICKS = CLOCK_HZ // 100
"""The envelope has a value per 10 ms."""

_SPEECH_BAND_HZ = (200.0, 3400.0)
_FLOOR = 1e-5  # of full scale: digital silence is as loud as a quiet room


def envelope(mono: Path) -> NDArray[np.float32]:
    """Log loudness of the speech band, one value per 10 ms, read block by block.

    Natural logarithm of the RMS of full scale; band-passed at 200 - 3400 Hz (telephone speech).
    """
    info = pcm.read_info(mono)
    band = signal.butter(2, _SPEECH_BAND_HZ, "bandpass", fs=info.sample_rate_hz, output="sos")
    state = np.zeros((len(band), 2))
    step = info.sample_rate_hz // 100
    levels = []
    for block in pcm.read_blocks(mono, step * 1000):
        filtered, state = signal.sosfilt(band, block[:, 0], zi=state)
        whole = np.pad(filtered, (0, -len(filtered) % step)).reshape(-1, step)
        levels.append(np.log(np.sqrt((whole**2).mean(axis=1)) + _FLOOR).astype(np.float32))
    return np.concatenate(levels) if levels else np.zeros(0, np.float32)


def at_frames(
    values: NDArray[np.float32], ticks: NDArray[np.int64], end_tick: int
) -> NDArray[np.float32]:
    """Mean of an envelope over each frame; beyond its end it keeps its least value.

    Args:
        ticks: onset of each frame, rising; `end_tick` is where the last one ends.
    """
    if not values.size:
        return np.zeros(len(ticks), np.float32)
    total = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
    edges = np.append(ticks, end_tick) // STEP_TICKS
    first = np.clip(edges[:-1], 0, len(values) - 1)
    last = np.clip(np.maximum(edges[1:], edges[:-1] + 1), first + 1, len(values))
    means = (total[last] - total[first]) / (last - first)
    means[edges[:-1] >= len(values)] = values.min()
    return means.astype(np.float32)


def speech_at_frames(
    speech: SpeechSpans, ticks: NDArray[np.int64], end_tick: int
) -> NDArray[np.bool_]:
    """Whether somebody speaks at the middle of each frame."""
    edges = np.append(ticks, end_tick)
    onsets = [start for start, _ in speech.spans]
    active = np.zeros(len(ticks), bool)
    for frame, middle in enumerate((edges[:-1] + edges[1:]) // 2):
        span = bisect_right(onsets, middle) - 1
        active[frame] = span >= 0 and middle < speech.spans[span][1]
    return active
