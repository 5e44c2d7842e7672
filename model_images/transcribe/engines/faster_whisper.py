"""Whisper large-v3 by CTranslate2: in batches, with 8 or 16 bits, a multiple of the speed.

It decodes by beams alone and draws nothing: what it draws would depend on what it drew before. A
phrase in which it only repeats itself is decoded again with repetitions forbidden.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import ctranslate2
import numpy as np
from faster_whisper import BatchedInferencePipeline, WhisperModel

from airdub.errors import InvalidInput
from airdub.transcript import Segment
from model_images.common.checkpoints import weights_file
from model_images.common.torch_runtime import ran_out_of_memory
from model_images.transcribe.listening import RATE_HZ
from model_images.transcribe.protocol import Job
from model_images.transcribe.whispers import (
    BEAMS,
    Heard,
    HeardWord,
    Samples,
    transcribe_with,
)

FOLDER = "faster-whisper-large-v3"
FILES = (
    "config.json",
    "model.bin",
    "preprocessor_config.json",
    "tokenizer.json",
    "vocabulary.json",
)

_SLOT_S = 30
_FRAMES_HZ = 100


def transcribe(job: Job) -> tuple[Segment, ...]:
    """Recognise phrase by phrase; `Transcriber.transcribe` says the rest."""
    return transcribe_with(_listener(), job)


@cache
def _listener() -> CtranslateListener:
    """Loaded once: what it heard before changes nothing."""
    files = [weights_file("transcribe", "faster_whisper", f"{FOLDER}/{name}") for name in FILES]
    return CtranslateListener(load(files[0].parent))


class CtranslateListener:
    """Whisper as faster-whisper runs it, several phrases at once."""

    batch = 8

    def __init__(self, model: WhisperModel) -> None:
        self._model = model
        self._pipeline = BatchedInferencePipeline(model)
        vocabulary = model.hf_tokenizer
        self.languages = frozenset(
            code for code in model.supported_languages if vocabulary.token_to_id(f"<|{code}|>")
        )

    def likely_languages(self, samples: Samples) -> Mapping[str, float]:
        """Probabilities of the language that is spoken in the first 30 s, by code."""
        _, _, found = self._model.detect_language(audio=samples)
        return dict(found)

    def hear(self, batch: Sequence[Samples], language: str) -> Sequence[tuple[Heard, ...]]:
        """What is said in each phrase."""
        heard = self._decode(batch, language)
        loops = [at for at, found in enumerate(heard) if any(one.is_loop for one in found)]
        if loops:
            again = self._decode([batch[at] for at in loops], language, no_repeat_ngram_size=3)
            for at, found in zip(loops, again, strict=True):
                heard[at] = found
        return heard

    def _decode(
        self, batch: Sequence[Samples], language: str, **options: Any
    ) -> list[tuple[Heard, ...]]:
        """Decode phrases, each in a slot of its own, so that none can tell what was before it."""
        audio = np.zeros((len(batch) + 1) * _SLOT_S * RATE_HZ, np.float32)
        clips = []
        for number, samples in enumerate(batch, 1):
            first = number * _SLOT_S * RATE_HZ
            audio[first : first + len(samples)] = samples
            # half a sample more, because clips are cut at the whole sample below their end
            last_s = (first + len(samples) + 0.5) / RATE_HZ
            clips.append({"start": float(number * _SLOT_S), "end": last_s})
        segments, _ = self._pipeline.transcribe(
            audio,
            language=language,
            beam_size=BEAMS,
            temperature=0.0,
            word_timestamps=True,
            vad_filter=False,
            clip_timestamps=clips,
            batch_size=len(batch),
            **options,
        )
        found: list[list[Heard]] = [[] for _ in batch]
        for segment in segments:
            number = segment.seek // (_SLOT_S * _FRAMES_HZ)
            found[number - 1].append(_heard(segment, number * _SLOT_S))
        return [tuple(one) for one in found]


def _heard(segment: Any, slot_s: int) -> Heard:
    words = (
        HeardWord(
            text=word.word,
            start_s=round(float(word.start) - slot_s, 3),
            end_s=round(float(word.end) - slot_s, 3),
            probability=float(word.probability),
        )
        for word in segment.words
    )
    return Heard(
        words=tuple(words),
        logprob=float(segment.avg_logprob),
        compression=float(segment.compression_ratio),
        no_speech=float(segment.no_speech_prob),
    )


def load(folder: Path) -> WhisperModel:
    """The model of a folder that CTranslate2's converter wrote; 8 bits on a CPU, 16 on a GPU.

    Raises:
        InvalidInput: it isn't one.
    """
    where, bits = ("cuda", "float16") if ctranslate2.get_cuda_device_count() else ("cpu", "int8")
    try:
        return WhisperModel(str(folder), device=where, compute_type=bits, local_files_only=True)
    except Exception as error:  # tokenizers and CTranslate2 raise nothing narrower
        if ran_out_of_memory(error):
            raise
        raise InvalidInput(
            f"no Whisper as CTranslate2 converts it: {str(error) or type(error).__name__}",
            where=str(folder),
            remedy="`airdub weights verify` says which file is wrong, `fetch` mends it",
        ) from error
