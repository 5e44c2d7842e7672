"""eSpeak NG: text to phonemes, syllables and speech, by BCP-47 language.

Phoneme symbols are espeak-ng's IPA, the common alphabet of all engines. Phonemes and syllables come
from the library in this process; speech comes from a process of its own (see `espeak_library`),
so the same text always gives the same samples. Call from one thread.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import langcodes
import numpy as np
from numpy.typing import NDArray

from airdub.errors import DependencyUnavailable, InvalidInput
from airdub.languages import base_language, parse_language
from model_images.common import espeak_library
from model_images.common.espeak_library import (
    NATURAL_WORDS_PER_MINUTE,
    EspeakLibrary,
    LibraryUnusableError,
    Voice,
)
from model_images.common.espeak_speaker import Speaker

_VOWELS = frozenset("aeiouyæøœɐɑɒɔəɘɚɛɜɝɞɤɪɨɯɵɶʉʊʌʏᵻᵿ")
_SYLLABIC = "\N{COMBINING VERTICAL LINE BELOW}"
_STRESS_AND_TONE = "ˈˌ0123456789"

_PREFERRED = {"en": "en-us", "zh": "cmn-latn-pinyin", "cmn": "cmn-latn-pinyin", "zh-hk": "yue"}
_RELATED = {"gl": "es", "nn": "nb"}
"""Languages without a voice, and the one whose spelling reads them best."""
_UNUSED_VOICES = ("sit/cmn", "sit/yue-Latn-jyutping")  # they read Latin letters as another language
_FARTHEST_MATCH = 10  # of langcodes: a regional or mutually intelligible variety


@dataclass(frozen=True)
class Sound:
    """A phoneme of an utterance; `start` and `end` are its samples, in order, without overlap."""

    symbol: str
    start: int
    end: int


@dataclass(frozen=True)
class SpokenWord:
    """A word of an utterance as written, and the samples in which it is spoken."""

    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Utterance:
    """What the library spoke.

    Attributes:
        samples: int16, mono, leading and trailing silence included.
        sounds: phonemes; pauses are gaps between them.
    """

    samples: NDArray[np.int16]
    sample_rate_hz: int
    sounds: tuple[Sound, ...]
    words: tuple[SpokenWord, ...]

    def to_ms(self, sample: int) -> float:
        """Milliseconds from the start."""
        return 1000 * sample / self.sample_rate_hz


@cache
def _library() -> EspeakLibrary:
    try:
        return EspeakLibrary()
    except LibraryUnusableError as error:
        raise DependencyUnavailable(
            f"eSpeak NG can't be used: {error}",
            where=espeak_library.LIBRARY,
            remedy="install the Debian packages libespeak-ng1 and espeak-ng-data",
        ) from error


@cache
def voices() -> tuple[Voice, ...]:
    """The library's voices, without variants.

    Raises:
        DependencyUnavailable: the library is not installed.
    """
    return tuple(_library().voices())


@cache
def _voice_by_tag() -> dict[str, Voice]:
    """The best voice for each language tag (lower case)."""
    ranked = sorted(
        (priority, voice.identifier, tag, voice)
        for voice in voices()
        if voice.identifier not in _UNUSED_VOICES
        for tag, priority in voice.languages
    )
    return {tag: voice for _, _, tag, voice in reversed(ranked)}


@cache
def voice_for(language: str) -> Voice:
    """The voice that speaks a BCP-47 language, or its nearest variety: `es-AR` gives `es-419`'s.

    Raises:
        InvalidInput: the tag is malformed, or no voice speaks it.
        DependencyUnavailable: the library is not installed.
    """
    by_tag = _voice_by_tag()
    tag = parse_language(language).lower()
    base = base_language(tag)
    exact = _PREFERRED.get(tag, tag)
    if exact in by_tag:
        return by_tag[exact]
    candidates = sorted(known for known in by_tag if langcodes.tag_is_valid(known))
    nearest, _ = langcodes.closest_match(tag, candidates, max_distance=_FARTHEST_MATCH)
    for known in (nearest, _PREFERRED.get(base, base), _RELATED.get(base, "")):
        if known in by_tag:
            return by_tag[known]
    raise InvalidInput(
        f"espeak-ng has no voice for {language!r}",
        where="language",
        remedy="choose another target language, or another engine for this stage",
    )


@cache
def checked_voice(voice: str) -> str:
    """The voice itself, if the library has it: an identifier, or one with a variant (`roa/es+f2`).

    Raises:
        InvalidInput: there is no such voice or variant.
        DependencyUnavailable: the library is not installed.
    """
    identifier, plus, variant = voice.partition("+")
    known = identifier in {known.identifier for known in voices()}
    if known and (not plus or variant in _library().variants()):
        return voice
    raise InvalidInput(
        f"espeak-ng has no voice {voice!r}",
        where="voice",
        remedy="`espeak-ng --voices` lists files, `espeak-ng --voices=variant` what may follow `+`",
    )


def is_substitute(voice: Voice, language: str) -> bool:
    """Whether a voice is made for another language than the one it was chosen for."""
    return _RELATED.get(base_language(language)) in {tag for tag, _ in voice.languages}


def phonemize(text: str, language: str) -> tuple[str, ...]:
    """The phonemes of a text in espeak-ng's IPA, without stress, tone, pauses and word boundaries.

    Raises:
        InvalidInput: no voice speaks the language.
        DependencyUnavailable: the library is not installed.
    """
    tokens = _library().phonemes(text, voice_for(language).identifier)
    return tuple(symbol for token in tokens if (symbol := _symbol(token)))


def count_syllables(text: str, language: str) -> int:
    """Syllables of a text: its vowels, diphthongs as one, and its syllabic consonants.

    Raises:
        InvalidInput: no voice speaks the language.
        DependencyUnavailable: the library is not installed.
    """
    return sum(is_nucleus(symbol) for symbol in phonemize(text, language))


def is_nucleus(symbol: str) -> bool:
    """Whether a phoneme carries a syllable."""
    letters = unicodedata.normalize("NFD", symbol)
    return _SYLLABIC in letters or not _VOWELS.isdisjoint(letters)


def _symbol(token: str) -> str:
    """A phoneme without stress and tone; empty for pauses and language switches such as `(en)`."""
    if token.startswith("("):
        return ""
    return token.strip("_:").translate(dict.fromkeys(map(ord, _STRESS_AND_TONE)))


def speak(text: str, voice: str, *, rate: float = 1.0, pitch: int = 50) -> Utterance:
    """Speak a text literally: no markup, phoneme input or embedded command is understood.

    Args:
        voice: identifier of a `Voice`; `+f2` and the like choose a variant.
        rate: speaking rate over the voice's natural one, 0.5..2.5.
        pitch: 0..99, the voice's own is 50.

    Raises:
        InvalidInput: there is no such voice.
        EngineFailed: the library failed on this text.
        DependencyUnavailable: the library is not installed.
    """
    checked_voice(voice)
    words_per_minute = round(NATURAL_WORDS_PER_MINUTE * rate)
    request = {"text": text, "voice": voice, "words_per_minute": words_per_minute, "pitch": pitch}
    header, data = _speaker().ask(request)
    samples = np.frombuffer(data, np.int16)
    events = header["events"]
    return Utterance(
        samples,
        header["sample_rate_hz"],
        tuple(_sounds([e for e in events if e["kind"] == "phoneme"], len(samples))),
        tuple(_words([e for e in events if e["kind"] == "word"], text, len(samples))),
    )


def _spans(events: list[dict], length: int) -> Iterator[tuple[dict, int, int]]:
    """Each event with the samples from it to the next one."""
    starts = [*(event["sample"] for event in events), length]
    for event, (start, end) in zip(events, pairwise(starts), strict=True):
        yield event, start, min(end, length)


def _sounds(events: list[dict], length: int) -> list[Sound]:
    sounds: list[Sound] = []
    for event, start, end in _spans(events, length):
        symbol = _symbol(event["text"])
        if sounds and symbol and all(unicodedata.category(c) == "Lm" for c in symbol):
            before = sounds.pop()  # palatalisation comes as an event of its own
            sounds.append(Sound(before.symbol + symbol, before.start, end))
        elif symbol and start < end:
            sounds.append(Sound(symbol, start, end))
    return sounds


def _words(events: list[dict], text: str, length: int) -> list[SpokenWord]:
    return [
        SpokenWord(text[event["position"] : event["position"] + event["length"]], start, end)
        for event, start, end in _spans(events, length)
    ]


@cache
def _speaker() -> Speaker:
    return Speaker()
