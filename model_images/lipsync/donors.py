"""Which frame lends its mouth to which: a Viterbi path over the frames of one person in one shot.

A donor should show the wanted opening and width from the same angle and distance, and follow on its
predecessor as smoothly as film does. The weights are those of the project's measurements on real
clips; with a lower weight on the pose chins come out lopsided.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Series = NDArray[np.float64]

CANDIDATES = 40
OPENING, WIDTH, POSE, CUT = 1.6, 0.35, 0.5, 0.25
STEP_OPENING, STEP_WIDTH = 0.5, 0.25
POSE_SCALE = (0.05, 0.05, 0.08, 0.08)
"""Yaw, pitch, roll and log of the size that cost 1: beyond them a paste begins to show."""


@dataclass(frozen=True)
class Features:
    """What donors are judged by, of consecutive entries.

    Attributes:
        opening, width: over the eyes' distance, (entries,).
        pose: yaw, pitch, roll, log of the eyes' distance, (entries, 4).
        follows: whether an entry is the frame right after the entry before, (entries,).
        chunks: number of each entry's chunk, rising, (entries,).
    """

    opening: Series
    width: Series
    pose: NDArray[np.float64]
    follows: NDArray[np.bool_]
    chunks: NDArray[np.int64]


def donor_path(
    opening: Series,
    width: Series,
    pose: NDArray[np.float64],
    chunks: NDArray[np.int64],
    donors: Features,
) -> NDArray[np.int64]:
    """For each frame the number of its donor, (frames,).

    Donors lie in the frame's own chunk, so that chunks can be rendered apart; the path runs on
    from one chunk to the next, so that mouths don't jump there.

    Args:
        opening, width: wanted, over the eyes' distance, (frames,).
        pose: of the frames themselves, (frames, 4).
        chunks: number of each frame's chunk, rising, (frames,); each has a donor.
    """
    scales = _scales(donors)
    wanted = np.column_stack([opening, width, pose])
    blocks = [
        _candidates(wanted[chunks == chunk], np.flatnonzero(donors.chunks == chunk), donors, scales)
        for chunk in np.unique(chunks)
    ]
    best, path_costs = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
    came_from = np.zeros(best.shape, np.int64)
    for frame in range(1, len(best)):
        steps = _step(best[frame - 1], best[frame], donors, scales)
        total = path_costs[frame - 1][:, None] + steps
        came_from[frame] = total.argmin(axis=0)
        path_costs[frame] += total.min(axis=0)
    choice = np.zeros(len(best), np.int64)
    choice[-1] = path_costs[-1].argmin()
    for frame in range(len(best) - 1, 0, -1):
        choice[frame - 1] = came_from[frame, choice[frame]]
    return best[np.arange(len(best)), choice]


def _scales(donors: Features) -> tuple[float, float]:
    """Standard deviations of opening and width; jitter alone is no variety."""
    return max(float(donors.opening.std()), 0.01), max(float(donors.width.std()), 0.01)


def _candidates(
    wanted: NDArray[np.float64],
    allowed: NDArray[np.int64],
    donors: Features,
    scales: tuple[float, float],
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The donors that fit each frame best, rising, and their costs, both (frames, CANDIDATES).

    Where there are fewer, the last is repeated at an infinite cost.

    Args:
        wanted: opening, width and the four of the pose, (frames, 6).
        allowed: numbers of the donors to choose from, rising.
    """
    have = np.column_stack([donors.opening, donors.width, donors.pose])[allowed]
    units = np.array([*scales, *POSE_SCALE]) / np.sqrt([OPENING, WIDTH, *[POSE] * 4])
    costs = np.square((wanted[:, None] - have) / units).sum(axis=2)
    count = min(CANDIDATES, costs.shape[1])
    best = np.sort(np.argpartition(costs, count - 1, axis=1)[:, :count], axis=1)
    cheapest = np.take_along_axis(costs, best, axis=1)
    spare = ((0, 0), (0, CANDIDATES - count))
    return np.pad(allowed[best], spare, "edge"), np.pad(cheapest, spare, constant_values=np.inf)


def _step(
    before: NDArray[np.int64],
    after: NDArray[np.int64],
    donors: Features,
    scales: tuple[float, float],
) -> NDArray[np.float64]:
    """Cost of going from one donor to another, (before, after).

    The jump is measured from what would have come next in the film: the donor's own successor.
    """
    last = len(donors.opening) - 1
    successor = np.minimum(before + 1, last)
    successor = np.where(donors.follows[successor], successor, before)
    d_opening = (donors.opening[successor][:, None] - donors.opening[after]) / scales[0]
    d_width = (donors.width[successor][:, None] - donors.width[after]) / scales[1]
    cut = after[None, :] != successor[:, None]
    return STEP_OPENING * d_opening**2 + STEP_WIDTH * d_width**2 + CUT * cut
