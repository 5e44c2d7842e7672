"""One static gain to the delivery target, a true-peak limit, and the files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from airdub.units import CLOCK_HZ
from model_images.common.pcm import Samples, WavWriter
from model_images.mix.limiter import CONTEXT, limiter_gain
from model_images.mix.loudness import (
    PEAK_CONTEXT,
    LoudnessMeter,
    amplitude,
    blocks_of,
    decibels,
    gated_lufs,
    speech_blocks,
    true_peaks,
)
from model_images.mix.score import Mono, Score

Gating = Literal["programme", "dialogue"]
Report = Callable[[int, int, str], None]

TOLERANCE_LU = 0.1
_ROUNDS = 4  # of correcting the gain for what the limiter takes
_LIMITING_DB = 0.1


@dataclass(frozen=True)
class Delivery:
    """What the mix must measure.

    Attributes:
        gating: loudness of the whole programme, or of its speech alone (`speech`).
        max_gain_db: a title so quiet that it needs more is left below the target.
        speech: spans in which somebody speaks, in order.
    """

    target_lufs: float
    ceiling_dbtp: float
    gating: Gating
    max_gain_db: float
    speech: Sequence[tuple[int, int]]


@dataclass(frozen=True)
class Measured:
    """What a pass over the title measured.

    Attributes:
        lufs: None for a silent title.
        limited: samples whose gain the limiter lowered by more than 0.1 dB.
        deepest_db: the limiter's lowest gain.
    """

    lufs: float | None
    peak_dbtp: float
    limited: int = 0
    deepest_db: float = 0.0


@dataclass(frozen=True)
class Master:
    """The gain that was chosen, whether peaks are limited, and what came out."""

    gain_db: float
    limited: bool
    measured: Measured


def choose_gain(score: Score, delivery: Delivery, report: Report) -> tuple[float, bool]:
    """The static gain in dB, and whether the limiter is needed.

    With the limiter, the gain is corrected until the limited title has the wanted loudness.
    """
    plain = _measure(_finished(score, 0.0, None), delivery, score, report)
    if plain.lufs is None:
        return 0.0, plain.peak_dbtp > delivery.ceiling_dbtp
    gain_db = min(delivery.target_lufs - plain.lufs, delivery.max_gain_db)
    if plain.peak_dbtp + gain_db <= delivery.ceiling_dbtp:
        return gain_db, False
    wanted = plain.lufs + gain_db
    for _ in range(_ROUNDS):
        blocks = _finished(score, gain_db, delivery.ceiling_dbtp)
        lufs = _measure(blocks, delivery, score, report).lufs
        if lufs is None or abs(wanted - lufs) <= TOLERANCE_LU:
            break
        gain_db += wanted - lufs
    return gain_db, True


def write_master(score: Score, delivery: Delivery, mix: Path, stem: Path, report: Report) -> Master:
    """Write the mix and its dialogue stem as 24-bit WAV, and measure what was written."""
    gain_db, limited = choose_gain(score, delivery, report)
    ceiling = delivery.ceiling_dbtp if limited else None
    with (
        WavWriter(
            mix, sample_rate_hz=CLOCK_HZ, channels=len(score.layout.names), frames=score.frames
        ) as mix_file,
        WavWriter(stem, sample_rate_hz=CLOCK_HZ, channels=1, frames=score.frames) as stem_file,
    ):

        def written() -> Iterator[Finished]:
            for block in _finished(score, gain_db, ceiling):
                mix_file.write(block.mix)
                stem_file.write(block.dub)
                yield block

        measured = _measure(written(), delivery, score, report)
    return Master(gain_db, limited, measured)


@dataclass(frozen=True)
class Finished:
    """A block as it is written, with the limiter's gain."""

    mix: Samples
    dub: Mono
    limiter: NDArray[np.float32]


def _finished(score: Score, gain_db: float, ceiling_dbtp: float | None) -> Iterator[Finished]:
    """The title's blocks after the static gain and, with a ceiling, the limiter."""
    gain = np.float32(amplitude(gain_db))
    for start, end in score.spans():
        if ceiling_dbtp is None:
            mix, dub = score.render(start, end)
            yield Finished(mix * gain, dub * gain, np.ones(end - start, np.float32))
            continue
        mix, dub = score.render(start - CONTEXT, end + CONTEXT)
        lowered = limiter_gain(mix * gain, ceiling_dbtp)
        inner = slice(CONTEXT, CONTEXT + end - start)
        total = gain * lowered
        yield Finished(mix[inner] * total[:, None], dub[inner] * total, lowered)


def _measure(
    blocks: Iterator[Finished], delivery: Delivery, score: Score, report: Report
) -> Measured:
    meter = LoudnessMeter(score.layout.weights)
    peaks = PeakMeter(len(score.layout.names))
    done = limited = 0
    deepest = 1.0
    for block in blocks:
        meter.add(block.mix)
        peaks.add(block.mix)
        limited += int((block.limiter < amplitude(-_LIMITING_DB)).sum())
        deepest = min(deepest, float(block.limiter.min()))
        done += len(block.mix)
        report(done, score.frames, "samples")
    return Measured(
        lufs=_loudness(meter, delivery),
        peak_dbtp=decibels(peaks.finish()),
        limited=limited,
        deepest_db=decibels(deepest),
    )


def _loudness(meter: LoudnessMeter, delivery: Delivery) -> float | None:
    if delivery.gating == "dialogue":
        spoken = speech_blocks(meter.energies, delivery.speech)
        return gated_lufs(spoken, relative_gate=False)
    return gated_lufs(blocks_of(meter.energies))


class PeakMeter:
    """True peak of a stream; blocks whose samples come nowhere near the highest are skipped."""

    def __init__(self, channels: int) -> None:
        self._before = np.zeros((2 * PEAK_CONTEXT, channels), np.float32)
        self._highest = 0.0

    def add(self, block: Samples) -> None:
        """Measure the next (frames, channels) samples."""
        joined = np.concatenate([self._before, block])
        self._before = joined[-2 * PEAK_CONTEXT :]
        # An interpolated sample stands out of its neighbours by less than 6 dB in real sound.
        if 2 * np.abs(joined).max() > self._highest:
            self._highest = max(self._highest, float(true_peaks(joined).max()))

    def finish(self) -> float:
        """The highest magnitude, full scale 1."""
        self.add(np.zeros((PEAK_CONTEXT, self._before.shape[1]), np.float32))
        return self._highest
