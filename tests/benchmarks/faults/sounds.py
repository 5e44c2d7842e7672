"""Faults in the sound of a finished dub, one at a time.

A fault of the voice is in the dialogue stem and in the mix, as if it had been spoken so; a fault
of the delivery is in the mix alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from airdub.timing import FitPlan
from airdub.timing.plan import Placement
from airdub.transcript import Transcript
from airdub.units import CLOCK_HZ, TICKS_PER_MS
from tests.media.speech import speak

Mono = NDArray[np.float32]
Sound = NDArray[np.float32]

_FADE = 5 * TICKS_PER_MS
_VOICED = 0.02


@dataclass
class Dub:
    """A finished dub's sound at 48 kHz, to be damaged in place.

    Attributes:
        stem: (samples,) the dub's dialogue.
        bed: (samples, channels) the mix without it.
        pan: (channels,) gain of the dialogue in the mix.
        source: (samples,) the source's separated dialogue.
    """

    stem: Mono
    bed: Sound
    pan: Mono
    source: Mono
    plan: FitPlan
    transcript: Transcript
    mix_only: Callable[[Sound], Sound] = lambda mix: mix

    @classmethod
    def of(cls, mix: Sound, stem: Mono, source: Mono, plan: FitPlan, transcript: Transcript) -> Dub:
        """Take the dialogue out of the mix again: its gains by least squares on the lines."""
        voiced = np.abs(stem) > _VOICED
        power = float(stem[voiced] @ stem[voiced])
        pan = np.array([mix[voiced, c] @ stem[voiced] / power for c in range(mix.shape[1])])
        bed = mix - stem[:, None] * pan.astype(np.float32)
        return cls(stem, bed, pan.astype(np.float32), source, plan, transcript)

    def mix(self) -> Sound:
        """The mix as it is now."""
        return self.mix_only(self.bed + self.stem[:, None] * self.pan)

    def lines(self, rng: np.random.Generator, number: int) -> list[Placement]:
        """Some lines of at least a second, drawn at random."""
        long = [line for line in self.plan.placements if line.length >= CLOCK_HZ]
        return [long[index] for index in sorted(rng.choice(len(long), number, replace=False))]

    def put(self, line: Placement, sound: Mono) -> None:
        """Something else at a line's place; it may be shorter or longer than the line."""
        self.stem[line.start : line.end] = 0
        end = min(line.start + len(sound), len(self.stem))
        self.stem[line.start : end] = sound[: end - line.start]

    def said(self, line: Placement) -> Mono:
        """A copy of what a line sounds like."""
        return self.stem[line.start : line.end].copy()

    def level(self, line: Placement) -> float:
        """RMS of a line."""
        return float(np.sqrt(np.mean(np.square(self.said(line)))) + 1e-9)

    def spoken(self, line: Placement, voice: str, text: str) -> Mono:
        """Another voice says something as loud as the line."""
        samples = speak(voice, text).samples.astype(np.float32)
        return samples * np.float32(self.level(line) / (np.sqrt(np.mean(samples**2)) + 1e-9))


Ids = tuple[str, ...]
Fault = Callable[[Dub, np.random.Generator, float], Ids]
"""Damages a dub by a size; returns the lines that are wrong now, none for the whole title."""


def audio_shift(dub: Dub, _: np.random.Generator, ms: float) -> Ids:
    """The dub's whole track comes later."""
    late = round(ms * TICKS_PER_MS)

    def later(mix: Sound) -> Sound:
        return np.concatenate([np.zeros_like(mix[:late]), mix])[: len(mix)]

    dub.mix_only = later
    return ()


def swapped(dub: Dub, rng: np.random.Generator, pairs: float) -> Ids:
    """Lines take each other's places."""
    chosen = dub.lines(rng, 2 * round(pairs))
    rng.shuffle(chosen)  # type: ignore[arg-type]
    for one, other in zip(chosen[::2], chosen[1::2], strict=True):
        first, second = dub.said(one), dub.said(other)
        dub.put(one, second[: one.length])
        dub.put(other, first[: other.length])
    return tuple(line.segment_id for line in chosen)


def missing(dub: Dub, rng: np.random.Generator, lines: float) -> Ids:
    """Lines are silent."""
    chosen = dub.lines(rng, round(lines))
    for line in chosen:
        dub.put(line, np.zeros(0, np.float32))
    return tuple(line.segment_id for line in chosen)


def cut_end(dub: Dub, rng: np.random.Generator, share: float) -> Ids:
    """A line stops before its end."""
    (line,) = dub.lines(rng, 1)
    kept = dub.said(line)[: round(line.length * (1 - share))]
    kept[-_FADE:] *= np.linspace(1, 0, _FADE, dtype=np.float32)
    dub.put(line, kept)
    return (line.segment_id,)


def clipping(dub: Dub, rng: np.random.Generator, db: float) -> Ids:
    """A line was driven so many dB into the ceiling, and turned down to its level again."""
    (line,) = dub.lines(rng, 1)
    said, level = dub.said(line), dub.level(line)
    ceiling = np.abs(said).max() / np.float32(10 ** (db / 20))
    flat = np.clip(said, -ceiling, ceiling)
    dub.put(line, flat * np.float32(level / np.sqrt(np.mean(flat**2))))
    return (line.segment_id,)


def quiet(dub: Dub, _: np.random.Generator, lu: float) -> Ids:
    """The whole mix is so many LU quieter."""
    dub.mix_only = lambda mix: mix * np.float32(10 ** (-lu / 20))
    return ()


def mono(dub: Dub, _: np.random.Generator, share: float) -> Ids:
    """So much of the difference between the channels is lost."""
    dub.mix_only = lambda mix: mix + np.float32(share) * (mix.mean(axis=1, keepdims=True) - mix)
    return ()


def leak(dub: Dub, rng: np.random.Generator, below_db: float) -> Ids:
    """The original's voice is left under a line, so many dB below its own level."""
    (line,) = dub.lines(rng, 1)
    span = slice(line.source_start, line.source_end)
    left = dub.source[span] * np.float32(10 ** (-below_db / 20))
    dub.bed[span] += left[:, None] * dub.pan
    return (line.segment_id,)


def wrong_language(dub: Dub, rng: np.random.Generator, lines: float) -> Ids:
    """Lines are spoken in the source's language."""
    chosen = dub.lines(rng, round(lines))
    texts = {segment.id: segment.text for segment in dub.transcript.segments}
    for line in chosen:
        dub.put(line, dub.spoken(line, "espeak:roa/es", texts[line.segment_id]))
    return tuple(line.segment_id for line in chosen)


def garbled(dub: Dub, rng: np.random.Generator, ms: float) -> Ids:
    """Pieces of a line are in disorder."""
    (line,) = dub.lines(rng, 1)
    said, piece = dub.said(line), round(ms * TICKS_PER_MS)
    pieces = [said[at : at + piece] for at in range(0, len(said), piece)]
    dub.put(line, np.concatenate([pieces[index] for index in rng.permutation(len(pieces))]))
    return (line.segment_id,)


def robot(dub: Dub, texts: dict[str, str], share: float) -> None:
    """So many of the lines are spoken by a formant synthesizer in monotone."""
    for line in dub.plan.placements[: round(share * len(dub.plan.placements))]:
        dub.put(line, dub.spoken(line, "espeak:gmw/en-US", texts[line.segment_id]))
