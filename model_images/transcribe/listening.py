"""Sound as a recogniser wants it: 16 kHz, mono, 16-bit, voices without their background."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from airdub.units import rescale
from model_images.common import pcm
from model_images.transcribe.protocol import Job

RATE_HZ = 16_000


def voices(job: Job) -> Path:
    """The sound to recognise: the separated dialogue where there is one, else all of it.

    Music below the voices costs pocketsphinx every fourth word, separated dialogue every ninth.
    """
    if job.dialogue is None:
        return job.audio
    target = job.scratch / "voices.wav"
    write_mono(job.dialogue, target)
    return target


def write_mono(source: Path, target: Path) -> None:
    """Write the channels that hold dialogue as 16 kHz mono, on the same timeline."""
    info = pcm.read_info(source)
    voiced = pcm.dialogue_channels(info.channels)
    blocks = (block[:, voiced].mean(axis=1, keepdims=True) for block in pcm.read_blocks(source))
    frames = rescale(info.frames, info.sample_rate_hz, RATE_HZ)
    with pcm.WavWriter(
        target, sample_rate_hz=RATE_HZ, channels=1, frames=frames, subtype="PCM_16"
    ) as wav:
        left = frames
        for block in pcm.resample_blocks(blocks, info.sample_rate_hz, RATE_HZ, 1):
            wav.write(block[:left])
            left -= len(block[:left])
        wav.write(np.zeros((left, 1), np.float32))
