"""Bypass: a music-and-effects stem is the background, or the original without a dialogue stem is.

The stem is checked and fitted to the original: sample rate, channels, and a constant delay such
as an encoder leaves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from airdub.errors import InvalidInput
from airdub.units import CLOCK_HZ, rescale
from model_images.common import pcm
from model_images.common.pcm import Samples
from model_images.separate.alignment import Alignment, align
from model_images.separate.layouts import matched
from model_images.separate.protocol import Scene, Stem

MAX_DIFFERENCE = CLOCK_HZ // 2
"""Samples by which a stem's length may differ from the original's."""

_RESEMBLES = 0.1  # correlation; stems of other films reach 0.02


def background_blocks(scene: Scene, parameters: object) -> Iterator[Samples]:
    """See `Separator`. A music-and-effects stem goes before a dialogue stem.

    Raises:
        InvalidInput: the stem isn't as long as the original, or its channels can't be matched.
    """
    name = "background_stem" if "background_stem" in scene.stems else "dialogue_stem"
    if name not in scene.stems:
        raise InvalidInput(
            "no stem was supplied",
            where="background_stem, dialogue_stem",
            remedy="give one of them, or let the engine repet separate",
        )
    stem, is_dialogue = scene.stems[name], name == "dialogue_stem"
    length = _checked_length(scene, stem)
    silent = () if is_dialogue else scene.speech  # where the stem isn't in the original alone
    found = align(
        pcm.read_blocks(scene.original), _fitted(scene, stem, is_dialogue=is_dialogue), silent
    )
    _report(scene, stem, found)
    return _placed(scene, stem, found.delay, length, is_dialogue=is_dialogue)


def _checked_length(scene: Scene, stem: Stem) -> int:
    """The stem's length in samples of the original."""
    info = pcm.read_info(stem.path)
    length = rescale(info.frames, info.sample_rate_hz, CLOCK_HZ)
    if abs(length - scene.info.frames) > MAX_DIFFERENCE:
        raise InvalidInput(
            f"it lasts {length / CLOCK_HZ:.2f} s, the video {scene.info.duration_s:.2f} s",
            where=stem.place,
            remedy="give the stem of this very cut at this frame rate, from the first frame on",
        )
    return length


def _fitted(scene: Scene, stem: Stem, *, is_dialogue: bool) -> Iterator[Samples]:
    """The stem at 48 kHz with the original's channels."""
    info = pcm.read_info(stem.path)
    blocks = pcm.resample_blocks(
        pcm.read_blocks(stem.path), info.sample_rate_hz, CLOCK_HZ, info.channels
    )
    return matched(blocks, info.channels, scene.info.channels, stem.place, is_dialogue=is_dialogue)


def _report(scene: Scene, stem: Stem, found: Alignment) -> None:
    scene.measure("stem_delay_samples", found.delay)
    if found.correlation is None:
        return
    scene.measure("stem_correlation", round(found.correlation, 4))
    if found.delay:
        scene.warn(f"{stem.place} was {found.delay / CLOCK_HZ * 1000:+.1f} ms late and was shifted")
    if found.correlation < _RESEMBLES:
        scene.warn(
            f"{stem.place} hardly resembles the original (correlation {found.correlation:.2f}): "
            "is it the stem of this title and cut?"
        )


def _placed(
    scene: Scene, stem: Stem, delay: int, length: int, *, is_dialogue: bool
) -> Iterator[Samples]:
    """The background; where the shifted stem has no samples, the original itself."""
    first, last = max(0, -delay), min(scene.info.frames, length - delay)
    yield from _original(scene, 0, first)
    at = first
    for block in _trimmed(
        _fitted(scene, stem, is_dialogue=is_dialogue), delay + first, last - first
    ):
        whole = pcm.read_span(scene.original, at, at + len(block))
        yield whole - block if is_dialogue else block
        at += len(block)
    yield from _original(scene, at, scene.info.frames)


def _trimmed(blocks: Iterable[Samples], skip: int, count: int) -> Iterator[Samples]:
    """`count` frames of the stream after the first `skip`."""
    for block in blocks:
        kept = block[skip : skip + max(count, 0)]
        skip = max(0, skip - len(block))
        count -= len(kept)
        if len(kept):
            yield kept


def _original(scene: Scene, start: int, end: int) -> Iterator[Samples]:
    for at in range(start, end, pcm.BLOCK_FRAMES):
        yield np.array(pcm.read_span(scene.original, at, min(at + pcm.BLOCK_FRAMES, end)))
