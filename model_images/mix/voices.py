"""From a take to a voice in the mix: stretched, paused, faded, and as loud as the original."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from airdub.errors import EngineFailed
from airdub.timing import Placement
from airdub.units import CLOCK_HZ, ms_to_ticks
from model_images.common.pcm import read_info, read_span
from model_images.mix.levels import Level
from model_images.mix.loudness import amplitude, signal_lufs
from model_images.mix.score import Mono, Voice
from model_images.mix.stretch import stretch

FADE = ms_to_ticks(5)


def make_voice(take: Path, placement: Placement, level: Level, scratch: Path) -> Voice:
    """Render a line as it was placed.

    Args:
        take: WAV, 48 kHz mono, as long as the placement says.
        level: of the original line.
        scratch: where the rendered line is kept.

    Raises:
        EngineFailed: the take is not what its manifest says.
    """
    speech = stretch(_read_take(take, placement), placement.stretched_length, scratch)
    line = with_pauses(speech, placement)
    file = scratch / f"voice-{placement.segment_id}.npy"
    np.save(file, line * np.float32(matching_gain(line, level)))
    return Voice(placement.start, len(line), file, level.gains)


def _read_take(take: Path, placement: Placement) -> Mono:
    info = read_info(take)
    stated = (CLOCK_HZ, 1, placement.take_length)
    found = (info.sample_rate_hz, info.channels, info.frames)
    if found != stated:
        raise EngineFailed(
            f"the take has (rate, channels, samples) {found}, its manifest says {stated}",
            where=f"takes, segment {placement.segment_id}",
        )
    return read_span(take, 0, info.frames)[:, 0]


def with_pauses(speech: Mono, placement: Placement) -> Mono:
    """The line's final samples: phrases with fades at their ends, silence between them."""
    cuts = [0, *(pause.at for pause in placement.pauses), len(speech)]
    line = np.zeros(placement.length, np.float32)
    waited = [0, *np.cumsum([pause.length for pause in placement.pauses], dtype=int)]
    for start, end, wait in zip(cuts, cuts[1:], waited, strict=False):
        line[start + wait : end + wait] = faded(speech[start:end])
    return line


def faded(phrase: Mono) -> Mono:
    """A phrase that begins and ends without a click: 5 ms raised-cosine edges."""
    length = min(FADE, len(phrase) // 2)
    edge = np.float32(0.5 - 0.5 * np.cos(np.pi * (np.arange(length) + 0.5) / max(1, length)))
    shaped = phrase.copy()
    shaped[:length] *= edge
    shaped[len(shaped) - length :] *= edge[::-1]
    return shaped


def matching_gain(line: Mono, level: Level) -> float:
    """Amplitude by which a mono line becomes as loud, on its channels, as the original."""
    lufs = signal_lufs(line)
    if lufs is None:
        return 1.0
    on_channels = lufs + 10 * float(np.log10(sum(gain * gain for gain in level.gains)))
    return amplitude(level.lufs - on_channels)
