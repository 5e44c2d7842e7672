"""Clips of portraits that speak: mouths move with real synthetic speech."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray
from scipy.signal import resample_poly

from airdub.media import MediaFacts
from airdub.timing import FitPlan, Placement
from airdub.transcript import Phoneme
from airdub.units import CLOCK_HZ, rescale
from model_images.common.espeak import speak, voice_for
from model_images.common.programs import run_program
from tests.builders import stage_context
from tests.media import film, visemes
from tests.media.portrait import Portrait

FPS = film.FPS
STILL = (0.03, 0.45)


@dataclass(frozen=True)
class Speech:
    """Spoken text: samples at 48 kHz, +-1, and its phonemes in ticks."""

    samples: NDArray[np.float64]
    phonemes: tuple[Phoneme, ...]


@cache
def speech(text: str, language: str) -> Speech:
    """A text by espeak-ng."""
    said = speak(text, voice_for(language).identifier)
    samples = resample_poly(said.samples / 32768, CLOCK_HZ, said.sample_rate_hz)

    def tick(sample: int) -> int:
        return rescale(sample, said.sample_rate_hz, CLOCK_HZ)

    phonemes = (Phoneme(symbol=s.symbol, start=tick(s.start), end=tick(s.end)) for s in said.sounds)
    return Speech(samples, tuple(phonemes))


@cache
def portrait(disguised: bool = False) -> Portrait:
    """The one portrait, or the one in disguise; both keep the mouths that they have shown."""
    return Portrait(disguised=disguised)


def mouth(said: Speech, start_s: float, frames: int) -> NDArray[np.float64]:
    """Opening and width per frame of somebody who says this from `start_s` on."""
    shift = round(start_s * CLOCK_HZ)
    moved = [shifted(phoneme, shift) for phoneme in said.phonemes]
    rng = np.random.default_rng(3)
    path = visemes.mouth_path(moved, frames * film.TICKS_PER_FRAME, rng)
    return visemes.at_frames(path, frames, film.TICKS_PER_FRAME)


def shifted(phoneme: Phoneme, ticks: int) -> Phoneme:
    """The phoneme, later."""
    return Phoneme(symbol=phoneme.symbol, start=phoneme.start + ticks, end=phoneme.end + ticks)


def actor(moves: NDArray[np.float64], *, disguised: bool = False, seed: int = 5) -> film.Actor:
    """Somebody whose mouth moves like this, who blinks and sways."""
    rng = np.random.default_rng(seed)
    frames = len(moves)
    return film.Actor(portrait(disguised), moves, film.blinks(frames, rng), film.sway(frames, rng))


def sound_of(parts: Sequence[tuple[Speech, float]], frames: int) -> NDArray[np.float64]:
    """Speech from its start on, in seconds, over silence with a little noise."""
    length = frames * film.TICKS_PER_FRAME
    sound = np.random.default_rng(1).normal(0, 1e-4, length)
    for said, start_s in parts:
        start = round(start_s * CLOCK_HZ)
        samples = said.samples[: max(0, length - start)]
        sound[start : start + len(samples)] += samples
    return sound


def write_film(
    target: Path, pictures: Sequence[NDArray[np.uint8]], sound: NDArray[np.float64]
) -> Path:
    """BGR pictures at 25 fps and mono sound as MP4."""
    target.parent.mkdir(parents=True, exist_ok=True)
    wav = target.with_suffix(".wav")
    soundfile.write(wav, sound, CLOCK_HZ)
    height, width = pictures[0].shape[:2]
    film.encode(pictures, (width, height), wav, [], target)
    return target


def mono_16k(clip: Path) -> Path:
    """The clip's sound as the stage `extract_audio` gives it."""
    target = clip.with_suffix(".16k.wav")
    command = ["ffmpeg", "-v", "error", "-nostdin", "-y", "-i", str(clip), "-ac", "1"]
    run_program([*command, "-ar", "16000", str(target)], what="taking the sound")
    return target


def probed(clip: Path, folder: Path) -> MediaFacts:
    """The clip's facts by the stage `probe`."""
    from model_images.probe.stage import run

    context = stage_context(folder, "probe", "ffprobe", {}, {"source": clip})
    run(context)
    return MediaFacts.model_validate_json(
        context.fetch(context.store_outputs()["facts"]).read_bytes()
    )


def plan_of(
    facts: MediaFacts, said: Speech, start_s: float, *, source_s: tuple[float, float]
) -> FitPlan:
    """A dub of one line: `said` from `start_s` on, for a source line in `source_s`."""
    shift = round(start_s * CLOCK_HZ)
    phonemes = tuple(shifted(phoneme, shift) for phoneme in said.phonemes)
    length = phonemes[-1].end - phonemes[0].start
    placement = Placement(
        segment_id="s0001",
        speaker="speaker_1",
        start=phonemes[0].start,
        take_length=length,
        natural_length=length,
        stretched_length=length,
        source_start=round(source_s[0] * CLOCK_HZ),
        source_end=round(source_s[1] * CLOCK_HZ),
        phonemes=phonemes,
    )
    return FitPlan(duration=facts.duration_ticks, placements=(placement,))
