"""What engines of the Whisper family share: what they are given, and what becomes of their words.

The detector says where somebody speaks, and nothing else is listened to: over music and silence
Whisper writes down what nobody said. Each stretch is decoded by itself, so one that goes wrong
leads no other astray. The thresholds are those of openai-whisper.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from airdub.errors import InvalidInput
from airdub.languages import base_language, language_name
from airdub.transcript import Segment, Word
from airdub.units import CLOCK_HZ, ms_to_ticks, rescale, seconds_to_ticks, ticks_to_seconds
from model_images.common.pcm import read_span
from model_images.common.torch_runtime import in_batches
from model_images.transcribe.doubts import tell_doubts
from model_images.transcribe.listening import RATE_HZ, voices
from model_images.transcribe.phrases import Phrase, phrases, utterances
from model_images.transcribe.protocol import Job

LONGEST = ms_to_ticks(28_000)
"""Speech of a phrase; with its margins it fits Whisper's window of 30 s."""

JOIN = ms_to_ticks(1_000)
"""Speech that is nearer than this goes into one phrase: context makes words surer."""

BEAMS = 5
TEMPERATURES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
"""A phrase that fails the thresholds below is decoded again, ever more freely."""

MOST_COMPRESSION = 2.4
"""Text that deflate makes smaller than this is a loop."""

LEAST_LOGPROB = -1.0
NO_SPEECH = 0.6

_SHORTEST = ms_to_ticks(20)
_ASKED = 3
_SURE = 0.5
_OWN_CODES = {"jv": "jw", "fil": "tl"}

Samples = NDArray[np.float32]
"""(n,) in -1..1 at 16 kHz, mono."""


@dataclass(frozen=True)
class HeardWord:
    """A word with the space that is before it; times in seconds since the phrase's first sample."""

    text: str
    start_s: float
    end_s: float
    probability: float


@dataclass(frozen=True)
class Heard:
    """A stretch of text as Whisper parts it.

    Attributes:
        logprob: mean logarithm of its tokens' probabilities.
        compression: size of its text over that of the deflated text.
        no_speech: probability that nobody speaks.
    """

    words: tuple[HeardWord, ...]
    logprob: float
    compression: float
    no_speech: float

    @property
    def is_loop(self) -> bool:
        """Whether it says the same again and again."""
        return self.compression > MOST_COMPRESSION

    @property
    def is_silence(self) -> bool:
        """Whether nobody speaks: Whisper doubts both the speech and its own words."""
        return self.no_speech > NO_SPEECH and self.logprob < LEAST_LOGPROB


class Listener(Protocol):
    """A loaded model.

    Attributes:
        languages: codes that it knows.
        batch: phrases that it takes at once.
    """

    languages: frozenset[str]
    batch: int

    def likely_languages(self, samples: Samples) -> Mapping[str, float]:
        """Probabilities of the language that is spoken, by code."""
        ...

    def hear(self, batch: Sequence[Samples], language: str) -> Sequence[tuple[Heard, ...]]:
        """What is said in each phrase; the same samples give the same words."""
        ...


def transcribe_with(listener: Listener, job: Job) -> tuple[Segment, ...]:
    """Recognise phrase by phrase; see `Transcriber.transcribe`."""
    language = _code(listener, job.language)
    todo = phrases(job.speech, job.facts.duration_ticks, join=JOIN, longest=LONGEST)
    audio = voices(job)
    _tell_other_language(listener, job, language, [_samples(audio, one) for one in _long(todo)])

    def hear(batch: Sequence[Phrase]) -> Sequence[tuple[Heard, ...]]:
        return listener.hear([_samples(audio, one) for one in batch], language)

    runs: list[tuple[Word, ...]] = []
    loops = []
    for done, heard in enumerate(in_batches(todo, listener.batch, hear), 1):
        phrase = todo[done - 1]
        for one in heard:
            if one.is_loop:
                loops.append(phrase)
            elif not one.is_silence:
                runs += utterances(_words(phrase, one))
        job.progress(done, len(todo), "phrases")
    _tell_loops(job, loops)
    tell_doubts([word for run in runs for word in run], job)
    return tuple(_segments(runs))


def _code(listener: Listener, language: str) -> str:
    """Whisper's code of a language."""
    base = base_language(language)
    code = _OWN_CODES.get(base, base)
    if code in listener.languages:
        return code
    raise InvalidInput(
        f"the model knows no {language_name(language)}",
        where="source_language",
        remedy="put a script (SRT, VTT, TTML) of the spoken language beside the video",
    )


def _samples(audio: Path, phrase: Phrase) -> Samples:
    first, last = (rescale(at, CLOCK_HZ, RATE_HZ) for at in (phrase.start, phrase.end))
    return np.ascontiguousarray(read_span(audio, first, last)[:, 0])


def _long(todo: Sequence[Phrase]) -> list[Phrase]:
    """The phrases that tell most of the language."""
    return sorted(todo, key=lambda one: one.start - one.end)[:_ASKED]


def _tell_other_language(
    listener: Listener, job: Job, language: str, spoken: Sequence[Samples]
) -> None:
    """Warn when another language is spoken than the title is said to be in."""
    if len(listener.languages) == 1 or not spoken:
        return
    found = [listener.likely_languages(samples) for samples in spoken]
    mean = {code: sum(one[code] for one in found) / len(found) for code in found[0]}
    likely = max(mean, key=lambda code: mean[code])
    if likely != language and mean[likely] > _SURE:
        job.warn(
            f"this sounds like {likely!r} (probability {mean[likely]:.2f}) and not like "
            f"{language!r} ({mean[language]:.2f}): see that the spoken language is right"
        )


def _words(phrase: Phrase, heard: Heard) -> list[Word]:
    """Words on the timeline, in order, within their phrase, each of some length."""
    words, before = [], phrase.start
    for one in heard.words:
        start = min(max(phrase.start + seconds_to_ticks(one.start_s), before), phrase.end)
        end = min(max(phrase.start + seconds_to_ticks(one.end_s), start + _SHORTEST), phrase.end)
        if one.text.strip() and end > start:
            sure = round(min(1.0, one.probability), 3)
            words.append(Word(text=one.text, start=start, end=end, confidence=sure))
            before = end
    return words


def _segments(runs: Sequence[tuple[Word, ...]]) -> Iterator[Segment]:
    for number, run in enumerate(runs, 1):
        yield Segment(
            id=f"s{number:04}",
            start=run[0].start,
            end=run[-1].end,
            text="".join(word.text for word in run).strip(),
            words=tuple(word.model_copy(update={"text": word.text.strip()}) for word in run),
        )


def _tell_loops(job: Job, loops: Sequence[Phrase]) -> None:
    if loops:
        at = sorted({f"{ticks_to_seconds(one.start):.1f} s" for one in loops})
        job.warn(
            f"the model only repeated itself from {', '.join(at[:10])}"
            f"{', ...' if len(at) > 10 else ''} on: what it wrote there is left out"
        )
