"""Long sound through a model that takes pieces of one size: cut and joined as `demucs` does it.

The rules are those of `demucs.apply.apply_model`, which holds a whole title; here a few pieces are
held at a time. Sound beyond its ends is silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from model_images.common.pcm import Samples

OVERLAP = 0.25
"""Of a segment, shared with the next."""


@dataclass(frozen=True)
class Segment:
    """`length` samples from `start` on, which may lie before the sound."""

    start: int
    length: int

    def given(self, size: int) -> tuple[int, int]:
        """The span of `size` samples that the model is given for it: a short one in its middle."""
        first = self.start - (size - self.length) // 2
        return first, first + size

    def cut(self, made: Samples) -> Samples:
        """Its own samples of what the model made of that span."""
        first = (len(made) - self.length) // 2
        return made[first : first + self.length]


def plan_segments(length: int, size: int, lead: int = 0) -> list[Segment]:
    """Segments of `size` samples (the last ones shorter) that cover `length` samples.

    Args:
        lead: samples of silence before the sound: another lead gives another grid.
    """
    stride = int((1 - OVERLAP) * size)
    return [Segment(at, min(size, length - at)) for at in range(-lead, length, stride)]


def joined(segments: Sequence[Segment], made: Iterable[Samples], size: int) -> Iterator[Samples]:
    """The segments' samples (frames, channels) as one sound, from sample 0 on, block by block.

    Where segments overlap, each counts the more the nearer its middle is.
    """
    weights = _triangle(size)
    at, total, weight = segments[0].start, np.zeros((0, 1), np.float32), np.zeros(0, np.float32)
    for segment, samples in zip(segments, made, strict=True):
        ready = segment.start - at
        if ready:
            yield _mean(total[:ready], weight[:ready], at)
        at = segment.start
        total = _longer(total[ready:], segment.length, samples.shape[1])
        weight = _longer(weight[ready:, None], segment.length, 1)[:, 0]
        counts = weights[: segment.length]
        total[: segment.length] += samples * counts[:, None]
        weight[: segment.length] += counts
    yield _mean(total, weight, at)


def _triangle(size: int) -> Samples:
    half = size // 2
    rising = np.arange(1, half + 1, dtype=np.float32)
    weights = np.concatenate((rising, np.arange(size - half, 0, -1, dtype=np.float32)))
    return weights / weights.max()


def _mean(total: Samples, weight: Samples, at: int) -> Samples:
    """What is finished, without what lies before sample 0."""
    return (total / weight[:, None])[max(0, -at) :]


def _longer(samples: Samples, length: int, channels: int) -> Samples:
    grown = np.zeros((max(len(samples), length), channels), np.float32)
    grown[: len(samples)] = samples
    return grown


def mean_of(streams: Sequence[Iterable[Samples]], block: int) -> Iterator[Samples]:
    """The mean of sounds of one length, in blocks of `block` samples, the last shorter."""
    for parts in zip(*(_even(stream, block) for stream in streams), strict=True):
        yield sum(parts[1:], parts[0]) / np.float32(len(parts))


def _even(blocks: Iterable[Samples], size: int) -> Iterator[Samples]:
    held: list[Samples] = []
    count = 0
    for block in blocks:
        held.append(block)
        count += len(block)
        if count >= size:
            whole = np.concatenate(held)
            keep = count % size
            yield from np.split(whole[: count - keep], count // size)
            held, count = [whole[count - keep :]], keep
    if count:
        yield np.concatenate(held)
