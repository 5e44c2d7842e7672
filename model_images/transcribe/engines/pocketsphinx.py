"""CMU Sphinx with the American English model of its wheel: English only, no punctuation.

Word error rate 0.30 on 20 read utterances; a script beside the video is the better way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from pocketsphinx import Decoder

from airdub.errors import InvalidInput
from airdub.languages import base_language
from airdub.transcript import Segment, Word
from airdub.units import CLOCK_HZ, rescale
from model_images.common.pcm import read_span
from model_images.transcribe.listening import RATE_HZ, voices
from model_images.transcribe.phrases import Phrase, as_sentence, phrases, utterances
from model_images.transcribe.protocol import Job

_FRAMES_HZ = 100
_TARGET_RMS = 0.1
_MOST_GAIN = 30.0
_UNSURE = 0.3  # posterior; words below it are wrong as often as not
_MOST_UNSURE = 0.2
_FILLER = re.compile(r"<.*>|\[.*\]|\+\+.*\+\+")
_VARIANT = re.compile(r"\(\d+\)$")


def transcribe(job: Job) -> tuple[Segment, ...]:
    """Recognise phrase by phrase; `Transcriber.transcribe` says the rest."""
    if base_language(job.language) != "en":
        raise InvalidInput(
            f"pocketsphinx can't recognise {job.language!r}, only English",
            where="source_language",
            remedy="put a script (SRT, VTT, TTML) of the spoken language beside the video",
        )
    decoder = Decoder(samprate=float(RATE_HZ), loglevel="FATAL")
    audio = voices(job)
    todo = phrases(job.speech, job.facts.duration_ticks)
    runs: list[tuple[Word, ...]] = []
    for done, phrase in enumerate(todo, 1):
        runs += utterances(list(_words(decoder, audio, phrase)))
        job.progress(done, len(todo), "phrases")
    _tell_doubts([word for run in runs for word in run], job)
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


def _tell_doubts(words: list[Word], job: Job) -> None:
    unsure = sum((word.confidence or 0) < _UNSURE for word in words)
    if unsure > _MOST_UNSURE * len(words):
        job.warn(
            f"pocketsphinx is unsure of {unsure} of {len(words)} words: read them over, or put a "
            "script beside the video"
        )


def _words(decoder: Decoder, audio: Path, phrase: Phrase) -> Iterator[Word]:
    first, last = (rescale(at, CLOCK_HZ, RATE_HZ) for at in (phrase.start, phrase.end))
    decoder.start_utt()
    decoder.process_raw(pcm_bytes(read_span(audio, first, last)[:, 0]), full_utt=True)
    decoder.end_utt()
    for found in decoder.seg() or ():
        text = _VARIANT.sub("", found.word)
        start = phrase.start + rescale(found.start_frame, _FRAMES_HZ, CLOCK_HZ)
        if _FILLER.fullmatch(text) or start >= phrase.end:
            continue
        # end_frame is the word's last frame, not the one after it
        end = phrase.start + rescale(found.end_frame + 1, _FRAMES_HZ, CLOCK_HZ)
        confidence = round(min(1.0, found.prob), 3)  # posterior; it sums to a little over 1
        yield Word(text=text, start=start, end=min(end, phrase.end), confidence=confidence)


def pcm_bytes(samples: np.ndarray) -> bytes:
    """16-bit PCM at the level that the model was trained on.

    Args:
        samples: (n,) float32 in -1..1 at 16 kHz.
    """
    rms = float(np.sqrt(np.mean(np.square(samples, dtype=np.float64)))) if len(samples) else 0.0
    gain = min(_MOST_GAIN, _TARGET_RMS / rms) if rms > 0 else 1.0
    return (np.clip(samples * gain, -1.0, 1.0) * 32_767).astype("<i2").tobytes()
