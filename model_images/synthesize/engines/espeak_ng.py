"""eSpeak NG: formant synthesis of over 100 languages, modest in sound, exact in phoneme times."""

from __future__ import annotations

import unicodedata

import numpy as np

from airdub.errors import InvalidInput
from airdub.languages import base_language
from model_images.common import espeak
from model_images.common.espeak import Sound
from model_images.synthesize.protocol import Manner, Speech

_HIGH_VOICE_HZ = 155.0  # between typical adult voices, in the valley of speakers' medians
_HIGH_VARIANT = "+f2"
_OTHER_VARIANTS = ("+m3", "+f4")  # low and high; the usual ones are none and +f2
_OTHER_PACE = 1.08  # sounds different, still fits
_READ_HAN = {"zh", "cmn", "yue", "hak"}


class EspeakNg:
    """Engine for one language; voices are espeak-ng's identifiers (`roa/es`, `roa/es+f2`)."""

    def __init__(self, language: str) -> None:
        voice = espeak.voice_for(language)
        self._voice = voice.identifier
        self._reads_han = base_language(language) in _READ_HAN
        self.notes = (
            (f"espeak-ng has no voice for {language}: {voice.name} reads it",)
            if espeak.is_substitute(voice, language)
            else ()
        )

    def voice_for(self, pitch_hz: float | None) -> str:
        """The language's voice, with a female variant for a high speaker."""
        high = pitch_hz is not None and pitch_hz > _HIGH_VOICE_HZ
        return self._voice + (_HIGH_VARIANT if high else "")

    def checked_voice(self, voice: str) -> str:
        """The identifier, if the library has it."""
        return espeak.checked_voice(voice)

    def manners(self, voice: str) -> tuple[Manner, ...]:
        """The voice, the voice a little faster, and another one of its height."""
        name, _, variant = voice.partition("+")
        other = name + _OTHER_VARIANTS[variant.startswith("f")]
        return Manner(voice), Manner(voice, _OTHER_PACE), Manner(other)

    def readable(self, text: str) -> str:
        """The text itself; Chinese characters in another language are refused.

        The library reads each of those as the words "Chinese letter".
        """
        han = [c for c in text if unicodedata.name(c, "").startswith("CJK ")]
        if han and not self._reads_han:
            raise InvalidInput(
                f"espeak-ng can't read {han[0]!r} in this language",
                remedy="write the line in kana, hangul or Latin letters, or use another engine",
            )
        return text

    def speak(self, text: str, voice: str, rate: float) -> Speech:
        """Speak through the library; 22.05 kHz."""
        utterance = espeak.speak(text, voice, rate=rate)
        return Speech(
            samples=utterance.samples.astype(np.float32) / np.float32(1 << 15),
            sample_rate_hz=utterance.sample_rate_hz,
            sounds=tuple(Sound(s.symbol, s.start, s.end) for s in utterance.sounds),
        )


def create(language: str) -> EspeakNg:
    """The engine for a language. Raises as the Protocol says."""
    return EspeakNg(language)
