"""Does it decode? A few frames of picture at both ends, and all of the dubbed sound."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from airdub.errors import InvalidInput
from airdub.media import AudioFacts
from airdub.units import parse_rate, round_half_up
from model_images.common.ffmpeg import Report, input_arguments, program_output, run_ffmpeg

_FRAMES = 3
_BLOCK = 1 << 20
_FULL_SCALE = 32768
_NOTHING_DECODED = "decode it by `ffmpeg -v error -i FILE -f null -` to see what is wrong"


def decoded_frames(source: Path, stream: int, at: Fraction | None = None) -> int:
    """How many of up to three frames decode, from the file's start or from a key frame on.

    Args:
        at: seconds on the file's timeline; decoding begins at the key frame there or before.
    """
    seek: list[str] = []
    if at is not None:
        microseconds = round_half_up(at * 1_000_000)
        seek = ["-seek_timestamp", "1", "-noaccurate_seek", "-ss", f"{microseconds}us"]
    arguments = ["-threads", "2", *seek, *input_arguments(source), "-map", f"0:{stream}"]
    arguments += ["-frames:v", str(_FRAMES), "-f", "null", "-"]
    try:
        return run_ffmpeg(arguments, what="decoding", failure=InvalidInput).frames
    except InvalidInput:  # ffmpeg ends with an error when nothing decodes
        return 0


@dataclass(frozen=True)
class Sound:
    """What decoding a whole audio stream gave.

    Attributes:
        peak_dbfs: greatest sample of any channel; None: digital silence.
        decoded_s: seconds of sound.
    """

    peak_dbfs: float | None
    decoded_s: float


def measure_sound(source: Path, stream: AudioFacts, report: Report) -> Sound:
    """Decode an audio stream once, block by block.

    Args:
        report: called with (seconds done, seconds in all, "s").

    Raises:
        InvalidInput: ffmpeg gives up on it.
    """
    command = ["ffmpeg", "-hide_banner", "-nostdin", "-v", "error", *input_arguments(source)]
    rate = stream.channels * stream.sample_rate_hz
    length_s = max(1, int(parse_rate(stream.duration)))
    command += ["-map", f"0:{stream.index}"]
    command += ["-ac", str(stream.channels), "-ar", str(stream.sample_rate_hz)]
    command += ["-c:a", "pcm_s16le", "-f", "s16le", "pipe:1"]
    peak, samples = 0, 0
    with program_output(
        command,
        what="decoding the sound",
        where=f"{source.name}: stream {stream.index}",
        remedy=_NOTHING_DECODED,
        failure=InvalidInput,
    ) as pcm:
        while block := pcm.read(_BLOCK):
            values = np.frombuffer(block, dtype="<i2", count=len(block) // 2)
            peak = max(peak, int(values.max(initial=0)), -int(values.min(initial=0)))
            samples += values.size
            report(min(samples // rate, length_s), length_s, "s")
    return Sound(
        round(20 * math.log10(peak / _FULL_SCALE), 2) if peak else None,
        samples / rate,
    )
