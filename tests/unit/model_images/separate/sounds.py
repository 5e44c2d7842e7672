"""Speech and beds for the tests of separation."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from airdub.units import CLOCK_HZ
from model_images.common import pcm

Signal = NDArray[np.float32]

LINES = ("Good evening and welcome.", "Nobody has seen the map.", "We leave at dawn, my friend.")


def spoken(folder: Path, text: str) -> Signal:
    """A line by flite at 48 kHz, silence cut off, RMS 0.1."""
    path = folder / "line.wav"
    subprocess.run(["flite", "-voice", "rms", "-t", text, str(path)], check=True)
    samples, rate = soundfile.read(path, dtype="float32")
    loud = np.flatnonzero(np.abs(samples) > 0.01)
    line = soxr.resample(samples[loud[0] : loud[-1]], rate, CLOCK_HZ)
    return np.asarray(line * (0.1 / np.sqrt(np.mean(line**2))), np.float32)


def dialogue(folder: Path, pause_s: float = 1.5) -> tuple[Signal, tuple[tuple[int, int], ...]]:
    """Three lines with pauses around them, and where they are."""
    pause = np.zeros(round(pause_s * CLOCK_HZ), np.float32)
    parts, spans, at = [pause], [], len(pause)
    for text in LINES:
        line = spoken(folder, text)
        spans.append((at, at + len(line)))
        parts += [line, pause]
        at += len(line) + len(pause)
    return np.concatenate(parts), tuple(spans)


def bed(length: int, seed: int = 0, rms: float = 0.03) -> Signal:
    """Two chords in turn, a second each, over a little noise."""
    time = np.arange(length) / CLOCK_HZ
    first = (time % 2 < 1).astype(np.float32)
    sound = 0.02 * np.random.default_rng(seed).standard_normal(length)
    for gate, notes in ((first, (220, 277, 330)), (1 - first, (196, 247, 294))):
        for hz in notes:
            sound += gate * np.sin(2 * np.pi * hz * time + seed)
    return np.asarray(sound * (rms / np.sqrt(np.mean(sound**2))), np.float32)


def si_sdr_db(estimate: NDArray[np.float32], truth: NDArray[np.float32]) -> float:
    """Scale-invariant signal-to-distortion ratio (Le Roux et al. 2019)."""
    one, other = estimate.ravel().astype(np.float64), truth.ravel().astype(np.float64)
    target = other * (one @ other) / (other @ other)
    return float(10 * np.log10((target @ target) / ((one - target) @ (one - target))))


def write_16k(path: Path, sound: NDArray[np.float32]) -> Path:
    """The 16 kHz mono mix of a 48 kHz sound."""
    mono = sound if sound.ndim == 1 else sound.mean(axis=1)
    pcm.write_wav(path, soxr.resample(mono, CLOCK_HZ, 16_000), 16_000, "PCM_16")
    return path
