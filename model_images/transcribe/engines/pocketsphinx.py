"""The embedded recogniser: English only, without punctuation. A script is the better way."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from airdub.errors import InvalidInput
from airdub.transcript import Segment, Word
from airdub.units import CLOCK_HZ, rescale
from model_images.common.pcm import read_span
from model_images.common.recogniser import RATE_HZ, Recogniser, recognises
from model_images.transcribe.doubts import tell_doubts
from model_images.transcribe.listening import voices
from model_images.transcribe.phrases import Phrase, as_sentence, phrases, utterances
from model_images.transcribe.protocol import Job


def transcribe(job: Job) -> tuple[Segment, ...]:
    """Recognise phrase by phrase; `Transcriber.transcribe` says the rest."""
    if not recognises(job.language):
        raise InvalidInput(
            f"pocketsphinx can't recognise {job.language!r}, only English",
            where="source_language",
            remedy="put a script (SRT, VTT, TTML) of the spoken language beside the video",
        )
    recogniser = _recogniser()
    audio = voices(job)
    todo = phrases(job.speech, job.facts.duration_ticks)
    runs: list[tuple[Word, ...]] = []
    for done, phrase in enumerate(todo, 1):
        runs += utterances(list(_words(recogniser, audio, phrase)))
        job.progress(done, len(todo), "phrases")
    tell_doubts([word for run in runs for word in run], job)
    return tuple(
        Segment(
            id=f"s{number:04}",
            start=run[0].start,
            end=run[-1].end,
            text=as_sentence(run),
            words=run,
        )
        for number, run in enumerate(runs, 1)
    )


@cache
def _recogniser() -> Recogniser:
    """Loaded once: what it heard before changes nothing."""
    return Recogniser()


def _words(recogniser: Recogniser, audio: Path, phrase: Phrase) -> Iterator[Word]:
    first, last = (rescale(at, CLOCK_HZ, RATE_HZ) for at in (phrase.start, phrase.end))
    for word in recogniser.hear(read_span(audio, first, last)[:, 0]):
        start = phrase.start + word.start
        if start < phrase.end:
            end = min(phrase.start + word.end, phrase.end)
            yield Word(text=word.text, start=start, end=end, confidence=word.confidence)
