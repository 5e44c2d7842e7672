"""HTDemucs: a transformer that parts vocals from music (Rouard, Massa & Defossez, ICASSP 2023).

What it takes for vocals is the dialogue where somebody may speak; elsewhere the background is the
original itself, so that songs stay, and pieces in which nobody speaks aren't computed. Sound is
cut, weighted and joined as `demucs` does it, but read and given piece by piece. Of surround sound
the centre alone is separated; one channel goes in as both of stereo.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
import torch
from demucs.htdemucs import HTDemucs
from numpy.typing import NDArray

from airdub.errors import EngineFailed
from airdub.units import CLOCK_HZ
from model_images.common import pcm
from model_images.common.checkpoints import weights_file
from model_images.common.pcm import Samples
from model_images.common.torch_runtime import device, in_batches, precision
from model_images.separate.demucs.checkpoint import STEM, load_model, segment_size
from model_images.separate.demucs.hearing import RATE_HZ, Hearing, clock_span, listen
from model_images.separate.demucs.segments import Segment, joined, mean_of, plan_segments
from model_images.separate.protocol import Scene, Span
from model_images.separate.stage import Parameters

WEIGHTS = "955717e8-8726e21a.th"
SEED = 0

_BATCH = {"cuda": 8, "cpu": 1}
_MOST_LEAD = RATE_HZ // 2
_FADE = CLOCK_HZ // 50
_HEARD_AROUND = CLOCK_HZ // 20  # of a sample, in resampling


def background_blocks(scene: Scene, parameters: Parameters) -> Iterator[Samples]:
    """See `Separator`."""
    hearing = listen(scene.original, scene.info)
    voice = _vocals(hearing, scene.speech, parameters.shifts)
    at = 0
    for block in _at_clock(voice, scene.info.frames, len(hearing.channels)):
        sound = pcm.read_span(scene.original, at, at + len(block))
        sound[:, hearing.channels] -= block * gate(scene.speech, at, len(block))[:, None]
        yield sound
        at += len(block)


def gate(speech: tuple[Span, ...], at: int, length: int) -> NDArray[np.float32]:
    """How much of the voice is taken out (0..1): all of it in speech, fading around it."""
    opened = np.zeros(length, np.float32)
    for start, end in speech:
        if start - _FADE < at + length and end + _FADE > at:
            time = np.arange(at, at + length)
            ramps = np.minimum(time - (start - _FADE), end - 1 + _FADE - time) / _FADE
            opened = np.maximum(opened, np.clip(ramps, 0, 1), dtype=np.float32)
    return opened


def predict(model: HTDemucs, mixes: Samples) -> Samples:
    """The vocals (batch, samples, 2) of mixes of that shape, in half precision on a GPU.

    Raises:
        EngineFailed: the model gives what are no numbers.
    """
    at, kind = device(), precision()
    given = torch.from_numpy(np.ascontiguousarray(mixes.transpose(0, 2, 1))).to(at)
    with torch.inference_mode(), torch.autocast(at.type, kind, enabled=kind != torch.float32):
        made = model(given)[:, model.sources.index(STEM)]
    vocals = made.float().cpu().numpy().transpose(0, 2, 1)
    if not np.isfinite(vocals).all():
        raise EngineFailed(
            f"the model gives NaN or infinite samples in {kind}",
            where=WEIGHTS,
            remedy="see by `airdub weights verify` whether its file is whole",
        )
    return vocals


def _vocals(hearing: Hearing, speech: tuple[Span, ...], shifts: int) -> Iterator[Samples]:
    """What the model takes for vocals, at 44.1 kHz; silence in segments without speech.

    The mean of `shifts` predictions, each with another silence of up to half a second before.
    """
    model = load_model(weights_file("separate", "demucs", WEIGHTS), device())
    size = segment_size(model)

    def work(batch: Sequence[Segment]) -> list[Samples]:
        made = predict(model, np.stack([hearing.span(*one.given(size)) for one in batch]))
        return [one.cut(hearing.restored(voice)) for one, voice in zip(batch, made, strict=True)]

    draw = random.Random(SEED)  # noqa: S311 - nothing secret hangs on it
    streams = []
    for _ in range(shifts):
        lead = _MOST_LEAD - draw.randint(0, _MOST_LEAD)
        segments = plan_segments(hearing.length, size, lead)
        made = _where_spoken(segments, speech, work, len(hearing.channels))
        streams.append(joined(segments, made, size))
    return mean_of(streams, pcm.BLOCK_FRAMES)


def _where_spoken(
    segments: Sequence[Segment],
    speech: tuple[Span, ...],
    work: Callable[[Sequence[Segment]], Sequence[Samples]],
    channels: int,
) -> Iterator[Samples]:
    """Samples of each segment, made in batches where it reaches into speech, else silence."""
    spoken = [_is_spoken(segment, speech) for segment in segments]
    wanted = [segment for segment, is_spoken in zip(segments, spoken, strict=True) if is_spoken]
    made = in_batches(wanted, _BATCH[device().type], work)
    for segment, is_spoken in zip(segments, spoken, strict=True):
        yield next(made) if is_spoken else np.zeros((segment.length, channels), np.float32)


def _is_spoken(segment: Segment, speech: tuple[Span, ...]) -> bool:
    start, end = clock_span(segment.start, segment.length)
    around = _FADE + _HEARD_AROUND
    return any(first < end + around and last > start - around for first, last in speech)


def _at_clock(vocals: Iterable[Samples], frames: int, channels: int) -> Iterator[Samples]:
    """The same at 48 kHz, as long as the original to the sample."""
    left = frames
    for block in pcm.resample_blocks(vocals, RATE_HZ, CLOCK_HZ, channels):
        yield block[:left]
        left -= min(left, len(block))
    if left:
        yield np.zeros((left, channels), np.float32)
