"""Spoken lines with the times of their sounds: flite for English, espeak-ng for the rest."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray
from scipy.signal import resample_poly

from airdub.transcript import Phoneme
from airdub.units import CLOCK_HZ, round_half_up, seconds_to_ticks
from model_images.common import espeak
from model_images.common.programs import run_program


@dataclass(frozen=True)
class Spoken:
    """A line.

    Attributes:
        samples: 48 kHz mono, RMS of the voiced part 0.1.
        phonemes: sounds in ticks from the first sample; IPA or ARPAbet; pauses are left out.
    """

    samples: NDArray[np.float64]
    phonemes: tuple[Phoneme, ...]


def speak(voice: str, text: str) -> Spoken:
    """Say a text with a voice: `flite:slt`, `espeak:roa/es+f2`; silence at the ends is cut off."""
    program, _, name = voice.partition(":")
    samples, phonemes = (_flite if program == "flite" else _espeak)(name, text)
    start, end = phonemes[0].start, min(phonemes[-1].end, len(samples))
    level = np.sqrt(np.mean(np.square(samples[start:end])))
    return Spoken(
        samples[start:end] * (0.1 / level),
        tuple(
            Phoneme(symbol=p.symbol, start=p.start - start, end=min(p.end, end) - start)
            for p in phonemes
        ),
    )


def _flite(voice: str, text: str) -> tuple[NDArray[np.float64], list[Phoneme]]:
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder) / "line.wav"
        command = ["flite", "-voice", voice, "-psdur", "-t", text, "-o", str(wav)]
        printed = run_program(command, what="speaking a line").stdout.decode()
        samples, rate_hz = soundfile.read(wav)
    return resample_poly(samples, CLOCK_HZ, rate_hz), _flite_phonemes(printed)


def _espeak(voice: str, text: str) -> tuple[NDArray[np.float64], list[Phoneme]]:
    uttered = espeak.speak(text, voice)
    samples = resample_poly(uttered.samples / 32768, CLOCK_HZ, uttered.sample_rate_hz)
    ticks = Fraction(CLOCK_HZ, uttered.sample_rate_hz)
    return samples, [
        Phoneme(
            symbol=sound.symbol,
            start=round_half_up(sound.start * ticks),
            end=round_half_up(sound.end * ticks),
        )
        for sound in uttered.sounds
    ]


def _flite_phonemes(printed: str) -> list[Phoneme]:
    """Parse `pau:0.218 g:0.280 ...`: each sound with its end in seconds."""
    phonemes, start = [], 0
    for item in printed.split():
        symbol, _, end_s = item.partition(":")
        end = seconds_to_ticks(float(end_s))
        if symbol != "pau":
            phonemes.append(Phoneme(symbol=symbol, start=start, end=end))
        start = end
    return phonemes
