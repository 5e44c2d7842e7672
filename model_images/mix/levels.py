"""How loud each line of the source is, and from where it comes: what the dub takes over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from airdub.timing import Placement
from airdub.units import CLOCK_HZ
from model_images.common.pcm import read_span
from model_images.mix.layouts import Layout
from model_images.mix.loudness import BLOCK, Energies, blocks_of, gated_lufs, signal_energies

LONGEST = 60 * CLOCK_HZ
"""Samples of a line that are measured; more would not change its level."""

SOFTEST_LU, LOUDEST_LU = -12.0, 8.0
"""How far a line may lie from the title's dialogue: a whisper stays one, a gap in the separation
does not make a line inaudible."""

OFF_CENTRE_DB = 6.0
"""Difference of left and right from which a voice is placed off centre: separation alone makes
less."""

FALLBACK_LUFS = -23.0
"""For titles whose dialogue stem is silent."""


@dataclass(frozen=True)
class Level:
    """Loudness of a source line on its channels, and gains of a mono voice on all channels."""

    lufs: float
    gains: tuple[float, ...]


@dataclass(frozen=True)
class _Heard:
    """Energies of a source line's 400 ms blocks, and mean squares on the voice's channels."""

    blocks: Energies
    power: tuple[float, ...]


def source_levels(dialogue: Path, layout: Layout, placements: Sequence[Placement]) -> list[Level]:
    """Level of the original of every line.

    A line shorter than 400 ms, or silent in the stem, gets the loudness of the title's dialogue.

    Args:
        dialogue: the separated stem.
    """
    heard = [_listen(dialogue, layout, placement) for placement in placements]
    title = gated_lufs(np.concatenate([np.zeros(0), *(line.blocks for line in heard)]))
    return [
        Level(_bounded(gated_lufs(line.blocks), title), channel_gains(layout, pan(line.power)))
        for line in heard
    ]


def _listen(dialogue: Path, layout: Layout, placement: Placement) -> _Heard:
    end = min(placement.source_end, placement.source_start + LONGEST)
    signal = read_span(dialogue, placement.source_start, end)
    voice = signal[:, layout.voice].astype(np.float64)
    short = len(signal) < BLOCK
    return _Heard(
        blocks=np.zeros(0) if short else blocks_of(signal_energies(signal[:, layout.front])),
        power=tuple(np.square(voice).mean(axis=0).tolist()),
    )


def _bounded(own: float | None, title: float | None) -> float:
    """A line's loudness, no further from the title's than allowed."""
    if title is None:
        return FALLBACK_LUFS
    return title if own is None else min(max(own, title + SOFTEST_LU), title + LOUDEST_LU)


def pan(power: Sequence[float]) -> tuple[float, ...]:
    """Gains of a mono voice on its channels (1 each in the middle), total power kept.

    Args:
        power: mean square of the original on each of them, one or two.
    """
    if len(power) == 1 or max(power) <= min(power) * 10 ** (OFF_CENTRE_DB / 10):
        return (1.0,) * len(power)
    return tuple(float(np.sqrt(2 * share / sum(power))) for share in power)


def channel_gains(layout: Layout, gains: Sequence[float]) -> tuple[float, ...]:
    """Gains of all channels: the voice's channels have theirs, the others 0."""
    spread = [0.0] * len(layout.names)
    for channel, gain in zip(layout.voice, gains, strict=True):
        spread[channel] = gain
    return tuple(spread)
