"""What Wav2Lip hears at a frame: a mel spectrogram of 0.2 s that begins with the frame."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import librosa
import numpy as np
from numpy.typing import NDArray
from scipy.signal import firwin, lfilter, resample_poly

from airdub.errors import InvalidInput
from airdub.units import CLOCK_HZ
from model_images.common import pcm
from model_images.lipsync.protocol import Sound

RATE_HZ, WINDOW, HOP, BANDS = 16_000, 800, 200, 80
LOWEST_HZ, HIGHEST_HZ = 55, 7_600
PREEMPHASIS = 0.97
REFERENCE_DB, LEAST_DB, LARGEST = 20, -100, 4

STEPS = 16
"""Of the spectrogram, that the network sees at once."""

QUANTUM = 1 / 4096
"""Spectrograms are kept in multiples of it (0.003 dB): last digits differ between machines."""

Mel = NDArray[np.int16]

_STEP_TICKS = CLOCK_HZ * HOP // RATE_HZ
_DOWN = CLOCK_HZ // RATE_HZ
_BLOCK = 800  # steps: 10 s
_REACH, _PASSED_HZ = 180, 7_900
"""Samples at 48 kHz on both sides of one, in resampling, and the frequency at -6 dB."""
_AROUND, _FADE = CLOCK_HZ * 150 // 1000, CLOCK_HZ // 100


def heard(sound: Sound, frames: NDArray[np.int64]) -> list[Mel]:
    """What is heard at some frames, int16 (BANDS, STEPS) each, in multiples of `QUANTUM`.

    A frame's part depends on the sound near it alone: neither on the other frames, nor on where
    its shot begins.

    Args:
        frames: rows of `sound.onsets`, rising; at least one.

    Raises:
        InvalidInput: the file isn't sound at the clock's rate.
    """
    _check(sound.path)
    starts = sound.onsets[frames] // _STEP_TICKS
    first = int(starts[0]) // _BLOCK
    blocks = np.union1d(starts // _BLOCK, (starts + STEPS - 1) // _BLOCK)
    whole = np.zeros((BANDS, (int(blocks[-1]) + 1 - first) * _BLOCK), np.int16)
    for block in blocks.tolist():
        at = (block - first) * _BLOCK
        whole[:, at : at + _BLOCK] = _block(sound, block)
    return [whole[:, at : at + STEPS] for at in (starts - first * _BLOCK).tolist()]


def values(mel: Mel) -> NDArray[np.float32]:
    """The spectrogram as the network takes it, -4..4."""
    return mel.astype(np.float32) * np.float32(QUANTUM)


def spectrogram(samples: NDArray[np.floating]) -> NDArray[np.float64]:
    """Mel bands (BANDS, steps), -4..4, of samples (3 + steps * 200 + 600,) at 16 kHz.

    The middle of step 0 is at sample 1 + WINDOW / 2: the first sample is only subtracted.
    """
    emphasized = lfilter([1, -PREEMPHASIS], [1], samples)[1:]
    spectrum = librosa.stft(emphasized, n_fft=WINDOW, hop_length=HOP, center=False)
    bank = librosa.filters.mel(
        sr=RATE_HZ, n_fft=WINDOW, n_mels=BANDS, fmin=LOWEST_HZ, fmax=HIGHEST_HZ
    )
    level = 20 * np.log10(np.maximum(10 ** (LEAST_DB / 20), bank @ np.abs(spectrum)))
    share = (level - REFERENCE_DB - LEAST_DB) / -LEAST_DB
    return np.clip(2 * LARGEST * share - LARGEST, -LARGEST, LARGEST)


def _block(sound: Sound, number: int) -> Mel:
    """A block of the whole dub's spectrogram; blocks are counted from the dub's beginning."""
    first = number * _BLOCK * HOP - WINDOW // 2 - 1
    count = (_BLOCK - 1) * HOP + WINDOW + 1
    start, end = _DOWN * first - _REACH, _DOWN * (first + count) + _REACH
    if not any(begin < end + _AROUND and start - _AROUND < stop for begin, stop in sound.voiced):
        return np.full((BANDS, _BLOCK), -LARGEST / QUANTUM, np.int16)
    samples = pcm.read_span(sound.path, start, end).mean(axis=1) * own(sound.voiced, start, end)
    taps = firwin(2 * _REACH + 1, _PASSED_HZ, window=("kaiser", 8.0), fs=CLOCK_HZ)
    low = resample_poly(samples.astype(np.float64), 1, _DOWN, window=taps)
    skipped = _REACH // _DOWN
    found = spectrogram(low[skipped : skipped + count])
    return np.rint(found / QUANTUM).astype(np.int16)


def own(voiced: Sequence[tuple[int, int]], start: int, end: int) -> NDArray[np.float32]:
    """How much of each sample is heard (0..1): all while the person speaks, nothing of others."""
    gain = np.zeros(end - start, np.float32)
    at = np.arange(start, end)
    for begin, stop in voiced:
        if begin - _AROUND < end and stop + _AROUND > start:
            ramp = np.minimum(at - (begin - _AROUND), stop + _AROUND - at) / _FADE
            gain = np.maximum(gain, np.clip(ramp, 0, 1), dtype=np.float32)
    return gain


def _check(path: Path) -> None:
    rate = pcm.read_info(path).sample_rate_hz
    if rate != CLOCK_HZ:
        raise InvalidInput(
            f"the dub's voices are sampled at {rate} Hz, not {CLOCK_HZ}",
            where=path.name,
            remedy="clear the task mix",
        )
