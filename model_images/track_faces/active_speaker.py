"""Who of the visible faces speaks, frame by frame.

A mouth that moves while speech is heard speaks; of several, the one that moves more and more in
step with the loudness. The evidence of a frame is weak, so the most probable path over a whole shot
is taken (Viterbi 1967), in which a change of speaker must pay for itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

MIN_MOVEMENT = 0.006
"""Deviation of the mouth's opening, in eye distances, above which a mouth rather speaks than not.
Real speakers reach 0.012 - 0.034 in the median, in their pauses 0.001 - 0.003."""

MIN_MOVEMENT_PX = 0.25
"""The same in pixels: what the landmarks of a small face jitter by."""

_MOVEMENT_S, _CORRELATION_S = 0.6, 2.0
_MAX_LAG_S = 0.1
_SILENT = -1.5  # evidence for any face where nobody is heard
_SWITCH = 3.0
_WEIGHT_PER_S = 5.0  # neighbouring frames tell the same: a second counts as this many


@dataclass(frozen=True)
class Mouth:
    """A track's mouth: opening in eye distances, (frames,), and the eyes' mean distance."""

    first_frame: int
    opening: NDArray[np.float64]
    eye_distance_px: float

    @property
    def end_frame(self) -> int:
        """The frame after the last."""
        return self.first_frame + len(self.opening)


def speaking_spans(
    mouths: Sequence[Mouth],
    shot: tuple[int, int],
    loudness: NDArray[np.float32],
    speech: NDArray[np.bool_],
    rate: float,
) -> list[list[tuple[int, int]]]:
    """For each mouth of a shot the half-open frame spans in which it speaks.

    Args:
        shot: half-open frames.
        loudness, speech: of every frame of the video, see `hearing`.
        rate: frames per second.
    """
    first, end = shot
    evidence = np.full((end - first, len(mouths) + 1), -np.inf)
    evidence[:, 0] = 0.0
    for column, mouth in enumerate(mouths, 1):
        frames = slice(mouth.first_frame, mouth.end_frame)
        found = _evidence(mouth, loudness[frames], rate)
        found = np.where(speech[frames], found, _SILENT)
        evidence[mouth.first_frame - first : mouth.end_frame - first, column] = found
    path = best_path(evidence * (_WEIGHT_PER_S / rate), _SWITCH)
    return [
        [(first + start, first + stop) for start, stop in runs(path == column)]
        for column in range(1, len(mouths) + 1)
    ]


def movement(opening: NDArray[np.float64], rate: float) -> NDArray[np.float64]:
    """Standard deviation of a mouth's opening within 0.6 s round each frame."""
    window = max(3, round(_MOVEMENT_S * rate))
    mean = windowed_mean(opening, window)
    return np.sqrt(np.maximum(windowed_mean(opening**2, window) - mean**2, 0.0))


def correlation(
    opening: NDArray[np.float64], loudness: NDArray[np.float64], rate: float
) -> NDArray[np.float64]:
    """Correlation of opening and loudness within 2 s round a frame, at the best lag to 0.1 s."""
    window = max(5, round(_CORRELATION_S * rate))
    reach = max(1, round(_MAX_LAG_S * rate))
    lagged = [
        _correlation(np.roll(opening, -lag), loudness, window) for lag in range(-reach, reach + 1)
    ]
    return np.max(lagged, axis=0)


def windowed_mean(values: NDArray[np.float64], window: int) -> NDArray[np.float64]:
    """Mean over a window round each value, over less at the ends."""
    total = np.concatenate([[0.0], np.cumsum(values)])
    middle = np.arange(len(values))
    low = np.maximum(middle - window // 2, 0)
    high = np.minimum(middle + window // 2 + 1, len(values))
    return (total[high] - total[low]) / (high - low)


def best_path(evidence: NDArray[np.float64], switch: float) -> NDArray[np.int64]:
    """States (frames,) of greatest summed evidence (frames, states), each change costing `switch`.

    At least one state of each frame must have finite evidence.
    """
    frames, states = evidence.shape
    came_from = np.zeros((frames, states), np.int64)
    score = evidence[0].copy()
    for frame in range(1, frames):
        best = int(score.argmax())
        change = score[best] - switch > score
        came_from[frame] = np.where(change, best, np.arange(states))
        score = np.where(change, score[best] - switch, score) + evidence[frame]
    path = np.zeros(frames, np.int64)
    path[-1] = score.argmax()
    for frame in range(frames - 1, 0, -1):
        path[frame - 1] = came_from[frame, path[frame]]
    return path


def runs(active: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Half-open runs of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], active, [False]]).astype(np.int8)))
    return [(int(start), int(end)) for start, end in pairwise(edges)][::2]


def _evidence(mouth: Mouth, loudness: NDArray[np.float32], rate: float) -> NDArray[np.float64]:
    """Log-likelihood-like evidence that a mouth speaks, about -1.5 .. 2.5."""
    least = max(MIN_MOVEMENT, MIN_MOVEMENT_PX / mouth.eye_distance_px)
    moving = np.log(np.maximum(movement(mouth.opening, rate), 1e-6) / least)
    in_step = correlation(mouth.opening, loudness.astype(np.float64), rate)
    return np.clip(moving, -1.5, 1.5) + np.maximum(in_step, 0.0)


def _correlation(
    a: NDArray[np.float64], b: NDArray[np.float64], window: int
) -> NDArray[np.float64]:
    mean_a, mean_b = windowed_mean(a, window), windowed_mean(b, window)
    covariance = windowed_mean(a * b, window) - mean_a * mean_b
    spread_a = windowed_mean(a * a, window) - mean_a**2
    spread_b = windowed_mean(b * b, window) - mean_b**2
    return covariance / np.sqrt(np.maximum(spread_a * spread_b, 1e-12))
