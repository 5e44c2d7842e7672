"""Background by repetition: REPET-SIM, told by voice activity where it may look.

REPET-SIM (Rafii & Pardo, "Music/voice separation using the similarity matrix", ISMIR 2012) takes
as a frame's background what its most similar frames have in common. Where speech fills most of
the time those frames hold speech too; so here a frame's neighbours are drawn from frames without
speech alone, and they are compared so that speech on top of the background counts little: a
neighbour is good when it explains much of the frame and exceeds it nowhere. Between speech the
background is the original itself.

In stereo, speech is nearly always in the phantom centre: the mid signal is separated, the side
signal keeps what the voice, placed by least squares, does not explain.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from model_images.common import pcm
from model_images.common.pcm import Samples
from model_images.separate.chunks import Chunk, cross_faded, plan_chunks
from model_images.separate.protocol import Scene, Span
from model_images.separate.spectra import BINS, Spectrum, analyse, synthesise, touched_frames
from model_images.separate.stage import Parameters

Power = NDArray[np.float32]
"""(frames, bins) power."""

_BANDS = np.unique(np.geomspace(4, BINS - 1, 100).round().astype(int)[:-1])
_BANDS = np.concatenate(([0], _BANDS))
_EXCESS_COST = 2.0  # of what a neighbour has and the frame lacks, against 1 for what they share
_FEWEST_FREE_FRAMES = 12  # a quarter of a second
_QUIETEST = 0.2
_SIDE_EXCESS = 2.0  # 3 dB: beyond it the side holds speech that is not in the middle
_TINY = np.float32(1e-12)


def background_blocks(scene: Scene, parameters: Parameters) -> Iterator[Samples]:
    """See `Separator`: chunks of `chunk_s`, cross-faded over `overlap_s`."""
    rate = scene.info.sample_rate_hz
    voiced = pcm.dialogue_channels(scene.info.channels)
    chunks = plan_chunks(
        scene.info.frames, round(parameters.chunk_s * rate), round(parameters.overlap_s * rate)
    )

    def estimate(chunk: Chunk) -> Samples:
        sound = pcm.read_span(scene.original, chunk.start, chunk.end)
        speech = _within(scene.speech, chunk)
        if speech:
            sound[:, voiced] = separate(sound[:, voiced], speech, parameters.neighbours)
        return sound

    return cross_faded(chunks, estimate)


def _within(spans: tuple[Span, ...], chunk: Chunk) -> tuple[Span, ...]:
    """The spans' parts inside a chunk, counted from its start."""
    return tuple(
        (max(start, chunk.start) - chunk.start, min(end, chunk.end) - chunk.start)
        for start, end in spans
        if start < chunk.end and end > chunk.start
    )


def separate(sound: Samples, speech: tuple[Span, ...], neighbours: int) -> Samples:
    """The background of one or two channels (frames, channels); `speech` in samples of it."""
    if sound.shape[1] == 1:
        mid = analyse(sound[:, 0])
        background = _background(mid, _nearest([mid], speech, neighbours))
        return synthesise(background, len(sound))[:, None]
    mid = analyse((sound[:, 0] + sound[:, 1]) / 2)
    side = analyse((sound[:, 0] - sound[:, 1]) / 2)
    nearest = _nearest([mid, side], speech, neighbours)
    mid_background = _background(mid, nearest)
    side_background = _side_background(side, mid - mid_background, nearest)
    middle = synthesise(mid_background, len(sound))
    sides = synthesise(side_background, len(sound))
    return np.stack((middle + sides, middle - sides), axis=1)


def _nearest(
    spectra: list[Spectrum], speech: tuple[Span, ...], neighbours: int
) -> dict[int, NDArray[np.intp]]:
    """For each frame with speech, the frames that show its background best."""
    active = touched_frames(speech, len(spectra[0]))
    bands = np.concatenate([np.add.reduceat(abs(s), _BANDS, axis=1) for s in spectra], axis=1)
    free = np.flatnonzero(~active)
    if len(free) < _FEWEST_FREE_FRAMES:  # nobody pauses: the quietest moments hold least speech
        free = np.argsort(bands.sum(axis=1), kind="stable")[: max(1, int(len(bands) * _QUIETEST))]
    count = min(neighbours, len(free))
    references = bands[free]
    nearest = {}
    for frame in np.flatnonzero(active):
        shared = np.minimum(references, bands[frame]).sum(axis=1)
        excess = references.sum(axis=1) - shared
        score = shared - _EXCESS_COST * excess
        nearest[int(frame)] = free[np.argpartition(-score, count - 1)[:count]]
    return nearest


def _expected(spectrum: Spectrum, nearest: dict[int, NDArray[np.intp]]) -> Power:
    """Power of the background in the frames with speech: the mean of their neighbours'."""
    power = np.square(spectrum.real) + np.square(spectrum.imag)
    return np.stack([power[frames].mean(axis=0) for frames in nearest.values()])


def _kept(expected: Power, spectrum: Spectrum) -> Power:
    """Wiener gains (0..1); speech is what the amplitude has beyond the background's."""
    speech = np.square(np.maximum(abs(spectrum) - np.sqrt(expected), 0))
    return expected / (expected + speech + _TINY)


def _background(spectrum: Spectrum, nearest: dict[int, NDArray[np.intp]]) -> Spectrum:
    frames = list(nearest)
    background = spectrum.copy()
    background[frames] *= _kept(_expected(spectrum, nearest), spectrum[frames])
    return background


def _side_background(
    side: Spectrum, voice: Spectrum, nearest: dict[int, NDArray[np.intp]]
) -> Spectrum:
    """The side signal without the voice, utterance by utterance (each may sit elsewhere)."""
    background = side.copy()
    for frames in _runs(list(nearest)):
        heard = voice[frames]
        loudness = float(np.vdot(heard, heard).real)
        place = float(np.vdot(heard, side[frames]).real) / max(loudness, float(_TINY))
        rest = side[frames] - np.float32(place) * heard
        expected = _expected(side, {frame: nearest[frame] for frame in frames})
        if float(np.vdot(rest, rest).real) > _SIDE_EXCESS * float(expected.sum()):
            rest *= _kept(expected, rest)
        background[frames] = rest
    return background


def _runs(frames: list[int]) -> list[list[int]]:
    """Consecutive numbers together."""
    breaks = [n for n in range(1, len(frames)) if frames[n] != frames[n - 1] + 1]
    edges = [0, *breaks, len(frames)]
    return [frames[a:b] for a, b in pairwise(edges)]
