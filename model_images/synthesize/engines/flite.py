"""CMU Flite: English statistical voices, clearer than formant synthesis.

The program prints each phone with its end time (`-psdur`) while it writes the sound.
"""

from __future__ import annotations

import tempfile
import unicodedata
from itertools import pairwise
from pathlib import Path

import numpy as np

from airdub.errors import EngineFailed, InvalidInput
from airdub.languages import base_language
from model_images.common.espeak import Sound
from model_images.common.pcm import read_info, read_span
from model_images.common.programs import run_program
from model_images.synthesize.protocol import Manner, Speech

LOW_VOICE, HIGH_VOICE = "rms", "slt"
_VOICES = (LOW_VOICE, "kal16", "awb", HIGH_VOICE)
"""The best understood first: pocketsphinx mishears 4, 7, 8 and 11 % of the words of 25 lines."""

_OTHER_PACE = 1.08  # sounds different, still fits, and keeps the voice
_HIGH_VOICE_HZ = 135.0  # geometric middle of the two voices' median F0, 102 and 169 Hz
_LONGEST_RUN_S = 300.0
_PAUSE = "pau"

_PHONES = (
    "aa=ɑː ae=æ ah=ʌ ao=ɔː aw=aʊ ax=ə axr=ɚ ay=aɪ eh=ɛ er=ɜː ey=eɪ ih=ɪ iy=iː ow=oʊ oy=ɔɪ uh=ʊ"
    " uw=uː b=b ch=tʃ d=d dh=ð dx=ɾ el=əl em=m̩ en=n̩ f=f g=ɡ hh=h hv=h jh=dʒ k=k l=l m=m n=n ng=ŋ"
    " nx=n p=p r=ɹ s=s sh=ʃ t=t th=θ v=v w=w y=j z=z zh=ʒ"
)
IPA = dict(pair.split("=") for pair in _PHONES.split())
"""Flite's phones (CMU's radio set) in espeak-ng's IPA of American English."""

_ASCII = str.maketrans(
    {
        "‘": "'", "’": "'", "“": '"', "”": '"', "«": '"', "»": '"', "–": ", ", "—": ", ",
        "…": "...", "£": " pounds ", "€": " euros ", "°": " degrees ", "×": " times ",
        "ß": "ss", "æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe", "ø": "o", "Ø": "O", "ł": "l",
        "Ł": "L", "đ": "d", "Đ": "D", "ð": "th", "þ": "th", "ı": "i", "⁄": "/", "¿": "", "¡": "",
    }
)  # fmt: skip


class Flite:
    """Engine for English; voices are `rms`, `slt` (female), `awb` (Scottish) and `kal16`."""

    notes = ()

    def voice_for(self, pitch_hz: float | None) -> str:
        """The voice whose own F0 is nearer."""
        return HIGH_VOICE if pitch_hz is not None and pitch_hz > _HIGH_VOICE_HZ else LOW_VOICE

    def checked_voice(self, voice: str) -> str:
        """The name, if it is one of the voices built into the program."""
        if voice in _VOICES:
            return voice
        raise InvalidInput(
            f"flite has no voice {voice!r}",
            where="voice",
            remedy=f"use one of {', '.join(_VOICES)}",
        )

    def manners(self, voice: str) -> tuple[Manner, ...]:
        """The voice, the voice a little faster, then the other voices that are understood best."""
        others = [Manner(other) for other in _VOICES if other != voice]
        return Manner(voice), Manner(voice, _OTHER_PACE), *others[:2]

    def readable(self, text: str) -> str:
        """The text in ASCII, all that flite reads: accents and other scripts are dropped."""
        plain = unicodedata.normalize("NFKD", text).translate(_ASCII)
        line = " ".join(plain.encode("ascii", "ignore").decode().split())
        return line if any(character.isalnum() for character in line) else ""

    def speak(self, text: str, voice: str, rate: float) -> Speech:
        """Run the program; 16 kHz. Durations scale exactly with the rate."""
        with tempfile.TemporaryDirectory(prefix="airdub-flite-") as folder:
            wav = Path(folder) / "line.wav"
            stretch = f"duration_stretch={1 / rate:.6f}"
            command = ["flite", "-voice", voice, "--setf", stretch, "-psdur", "-t", text]
            printed = run_program(
                [*command, "-o", str(wav)],
                what=f"speaking {text[:80]!r}",
                timeout_s=_LONGEST_RUN_S,
                remedy="install the Debian package flite; change the line if it can't be spoken",
            ).stdout.decode("ascii", "replace")
            info = read_info(wav)
            samples = read_span(wav, 0, info.frames)[:, 0]
        sounds = parse_durations(printed, info.sample_rate_hz, info.frames)
        return Speech(np.ascontiguousarray(samples), info.sample_rate_hz, sounds)


def parse_durations(printed: str, sample_rate_hz: int, length: int) -> tuple[Sound, ...]:
    """Sounds from `pau:0.119 hh:0.212 ...`: each phone with its end in seconds.

    Raises:
        EngineFailed: the text is no such list, or has a phone that has no IPA symbol.
    """
    try:
        items = [(phone, float(end)) for phone, end in (i.rsplit(":", 1) for i in printed.split())]
        ends = [0, *(min(length, round(end_s * sample_rate_hz)) for _, end_s in items)]
        return tuple(
            Sound(IPA[phone], start, end)
            for (phone, _), (start, end) in zip(items, pairwise(ends), strict=True)
            if phone != _PAUSE and start < end
        )
    except (ValueError, KeyError) as error:
        raise EngineFailed(
            f"can't read flite's phone times ({error!r})", where=printed[:80]
        ) from error


def create(language: str) -> Flite:
    """The engine. Raises as the Protocol says."""
    if base_language(language) != "en":
        raise InvalidInput(
            f"flite speaks English only, not {language!r}",
            where="target_language",
            remedy="use the engine espeak_ng for this language",
        )
    return Flite()
