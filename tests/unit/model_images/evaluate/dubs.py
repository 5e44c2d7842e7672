"""Finished dubs whose sound is right, or wrong in one way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from airdub.model import Document
from model_images.common.pcm import Samples, write_wav
from model_images.evaluate.evidence import Evidence
from model_images.evaluate.protocol import Absent, Measured
from model_images.mux.commands import aac_bits_per_second
from tests.builders import seconds
from tests.noise_clips import ffmpeg
from tests.unit.model_images.evaluate.titles import Said, Title, spoken
from tests.unit.model_images.mix.sounds import RATE_HZ, Signal

SPOKEN = {
    "s0001": "The old harbour is quiet in the morning.",
    "s0002": "My sister sells fresh bread and yellow flowers.",
    "s0003": "Nobody knows when the last train will leave.",
}
ORIGINALS = (
    "Somebody left a window open.",
    "Take the second road on the left.",
    "We can try again.",
)
STARTS_S = (0.6, 3.9, 7.7)


def three_lines(**fields: Any) -> Title:
    """11 s: three English lines over a soft stereo bed, in place of other words of that voice."""
    lines = [
        Said(start_s, text, take=spoken(text), original=spoken(original))
        for start_s, text, original in zip(STARTS_S, SPOKEN.values(), ORIGINALS, strict=True)
    ]
    return Title(**{"lines": lines, "duration_s": 11.0, "background": bed(11.0), **fields})


@cache
def bed(duration_s: float, channels: int = 2, level: float = 0.01) -> Samples:
    """Wind: noise below 1 kHz, the same in part on all channels, (frames, channels)."""
    rng = np.random.default_rng(4)
    white = rng.standard_normal((seconds(duration_s), channels + 1))
    smooth = np.apply_along_axis(lambda x: np.convolve(x, np.ones(32) / 6, "same"), 0, white)
    return np.asarray(level * (smooth[:, :1] + 0.7 * smooth[:, 1:]), np.float32)


def finish(
    folder: Path, title: Title, *, mix: Samples | None = None, stem: Signal | None = None
) -> Evidence:
    """The title's evidence with another sound in the deliverable, or another dialogue stem.

    The deliverable has no picture, which takes longer to make than to leave out.

    Args:
        mix: (frames, channels), encoded as mux encodes a mix.
        stem: (frames,); goes into the deliverable too, unless `mix` is given.
    """
    folder.mkdir(parents=True, exist_ok=True)
    unused, sound = folder / "unused", folder / "sound.wav"
    unused.touch()
    changes: dict[str, Path | Document] = dict.fromkeys(("source", "mono_16k", "landmarks"), unused)
    changes |= title.changes
    if stem is not None:
        changes["dialogue_stem"] = folder / "stem.wav"
        write_wav(folder / "stem.wav", stem, RATE_HZ)
        mix = title.with_voice(stem) if mix is None else mix
    write_wav(sound, title.mix if mix is None else mix, RATE_HZ, "FLOAT")
    changes["deliverable"] = folder / "dub.mp4"
    rate = aac_bits_per_second(title.bed.shape[1])
    ffmpeg("-i", sound, "-c:a", "aac", "-b:a", rate, folder / "dub.mp4")
    return replace(title, changes=changes).evidence(folder)


def span(id_: str) -> slice:
    """Where one of the three lines is in the dub."""
    start = seconds(STARTS_S[[*SPOKEN].index(id_)])
    return slice(start, start + len(spoken(SPOKEN[id_])))


def number(measured: Measured) -> float:
    """The title's value."""
    assert not isinstance(measured.title, Absent), measured.title.reason
    assert isinstance(measured.title.number, float)
    return measured.title.number


def numbers(measured: Measured) -> Mapping[str, float | str]:
    """The lines' values; of a line without one the reason."""
    return {
        id_: value.reason if isinstance(value, Absent) else value.number
        for id_, value in measured.lines.items()
    }
