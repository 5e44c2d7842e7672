"""Long sound in overlapping chunks, joined by cross-fades: memory stays flat."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from model_images.common.pcm import Samples


@dataclass(frozen=True)
class Chunk:
    """Half-open span of samples; its first `overlap` samples are shared with the one before."""

    start: int
    end: int
    overlap: int


def plan_chunks(length: int, chunk: int, overlap: int) -> list[Chunk]:
    """Cover `length` samples by chunks of at most `chunk`, each overlapping the one before.

    The last is as long as the others where it can be (it overlaps more), so that no chunk is
    too short to know its background.

    Raises:
        ValueError: the overlap is not shorter than half a chunk.
    """
    if not 0 < overlap * 2 <= chunk:
        raise ValueError(f"an overlap of {overlap} doesn't fit chunks of {chunk}")
    chunks = [Chunk(0, min(chunk, length), 0)]
    while chunks[-1].end < length:
        end = min(chunks[-1].end + chunk - overlap, length)
        start = end - chunk
        chunks.append(Chunk(start, end, chunks[-1].end - start))
    return chunks


def cross_faded(chunks: Sequence[Chunk], make: Callable[[Chunk], Samples]) -> Iterator[Samples]:
    """The chunks' samples (frames, channels) joined; together they are as long as the whole."""
    held: Samples | None = None
    for number, chunk in enumerate(chunks):
        samples = make(chunk)
        if held is not None:
            rise = (np.arange(chunk.overlap, dtype=np.float32) + 0.5) / max(chunk.overlap, 1)
            samples[: chunk.overlap] *= rise[:, None]
            samples[: chunk.overlap] += held * (1 - rise[:, None])
        following = chunks[number + 1].overlap if number + 1 < len(chunks) else 0
        keep = len(samples) - following
        yield samples[:keep]
        held = samples[keep:]
