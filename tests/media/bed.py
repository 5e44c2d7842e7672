"""A background: a slow pad of four chords, the hiss of a room, and chimes. Synthesized, stereo."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt

from airdub.units import CLOCK_HZ

Stereo = NDArray[np.float64]
"""Samples at 48 kHz, shape (length, 2), -1..1."""

_CHORDS = ((57, 60, 64, 69), (53, 57, 60, 65), (48, 52, 55, 64), (55, 59, 62, 67))
_CHORD_S = 4.0
_AMBIENCE_DB = -14.0


def rms_db(samples: NDArray[np.float64]) -> float:
    """RMS level in dB of full scale."""
    return float(10 * np.log10(np.mean(np.square(samples)) + 1e-12))


def pad(length: int) -> Stereo:
    """Chords of soft detuned tones with harmonics, crossfading; the two sides beat differently."""
    time = np.arange(length) / CLOCK_HZ
    sound = np.zeros((length, 2))
    for number, chord in enumerate(_CHORDS):
        phase = (time / _CHORD_S - number) % len(_CHORDS)
        gate = np.clip(np.minimum(phase, 1.25 - phase) * 4, 0, 1)  # 0.25 chord of overlap
        heard = np.flatnonzero(gate)
        for note in chord:
            for side, cents in ((0, -4), (1, 5)):
                hz = 440 * 2 ** ((note - 69 + cents / 100) / 12)
                for harmonic in (1, 2, 3):
                    tone = np.sin(2 * np.pi * hz * harmonic * time[heard] + note * harmonic)
                    sound[heard, side] += gate[heard] * tone / harmonic**2
    return sound


def ambience(length: int, rng: np.random.Generator) -> Stereo:
    """A room's hiss below 1.5 kHz, swelling slowly."""
    low = butter(2, 1500, fs=CLOCK_HZ, output="sos")
    hiss = sosfilt(low, rng.standard_normal((length, 2)), axis=0)
    swell = 1 + 0.4 * np.sin(2 * np.pi * 0.11 * np.arange(length) / CLOCK_HZ)
    return np.asarray(hiss * swell[:, None])


def chime(length: int, starts: tuple[int, ...]) -> Stereo:
    """A bell at each start (ticks): the effects of a music-and-effects stem."""
    time = np.arange(2 * CLOCK_HZ) / CLOCK_HZ
    bell = np.exp(-3 * time) * sum(
        np.sin(2 * np.pi * hz * time) / order
        for order, hz in enumerate((1318.5, 2637.0, 3729.3), 1)
    )
    sound = np.zeros((length, 2))
    for start in starts:
        end = min(length, start + len(bell))
        sound[start:end] += 0.5 * bell[: end - start, None] * (0.7, 1.0)
    return sound


def background(
    length: int, level_db: float, rng: np.random.Generator, chimes: tuple[int, ...] = ()
) -> Stereo:
    """Pad, ambience and chimes together at an RMS level (the chimes on top of it)."""
    music = pad(length)
    room = ambience(length, rng)
    room *= 10 ** ((rms_db(music) + _AMBIENCE_DB - rms_db(room)) / 20)
    bed = music + room
    gain = 10 ** ((level_db - rms_db(bed)) / 20)
    return (bed + 0.5 * chime(length, chimes)) * gain if chimes else bed * gain
