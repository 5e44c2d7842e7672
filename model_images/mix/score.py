"""The sound of the dub as a function of time: any span of it can be rendered, in any order.

Background at unity, original voice where it is kept, dubbed lines where they were placed. Nothing
is held but the lines' memory-mapped files, so memory does not grow with the title.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from airdub.units import ms_to_ticks
from model_images.common.pcm import Samples, read_span
from model_images.mix.layouts import Layout

Mono = NDArray[np.float32]

BLOCK = 1 << 17
"""Samples of a block: 2.7 s."""

KEPT_FADE = ms_to_ticks(10)


@dataclass(frozen=True)
class Voice:
    """A dubbed line, ready to be mixed.

    Attributes:
        start: first sample on the title's timeline.
        length: samples.
        file: `.npy` of float32 (length,): stretched, faded, at its final level before the gain.
        gains: of each of the title's channels.
    """

    start: int
    length: int
    file: Path
    gains: tuple[float, ...]

    @property
    def end(self) -> int:
        """First sample after the line."""
        return self.start + self.length


@dataclass(frozen=True)
class Score:
    """All that sounds in a title.

    Attributes:
        background, dialogue: the separated source, same channels and length.
        kept: spans in which the original dialogue stays, in order.
        voices: the dubbed lines, in any order.
    """

    frames: int
    layout: Layout
    background: Path
    dialogue: Path
    kept: Sequence[tuple[int, int]]
    voices: Sequence[Voice]

    def spans(self) -> Iterator[tuple[int, int]]:
        """The title cut into blocks."""
        for start in range(0, self.frames, BLOCK):
            yield start, min(start + BLOCK, self.frames)

    def render(self, start: int, end: int) -> tuple[Samples, Mono]:
        """A span before gain; what lies outside the title is silent.

        Returns:
            (frames, channels) mix and (frames,) dubbed dialogue, float32.
        """
        mix = read_span(self.background, start, end)
        kept = kept_envelope(self.kept, start, end)
        if kept.any():
            mix += read_span(self.dialogue, start, end) * kept[:, None]
        dub = np.zeros(end - start, np.float32)
        for voice in self.voices:
            first, last = max(start, voice.start), min(end, voice.end)
            if first < last:
                part = np.load(voice.file, mmap_mode="r")[first - voice.start : last - voice.start]
                dub[first - start : last - start] += part
                mix[first - start : last - start] += part[:, None] * np.float32(voice.gains)
        return mix, dub


def kept_envelope(kept: Sequence[tuple[int, int]], start: int, end: int) -> Mono:
    """Gain 0..1 of the original dialogue over a span, with short fades inside its edges."""
    envelope = np.zeros(end - start, np.float32)
    for first, last in kept:
        begin, stop = max(start, first), min(end, last)
        if begin < stop:
            at = np.arange(begin, stop)
            edge = np.minimum(at - first + 1, last - at) / KEPT_FADE
            gain = 0.5 - 0.5 * np.cos(np.pi * np.minimum(edge, 1.0))
            envelope[begin - start : stop - start] = np.maximum(
                envelope[begin - start : stop - start], gain
            )
    return envelope
