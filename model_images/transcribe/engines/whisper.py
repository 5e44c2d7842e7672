"""OpenAI's Whisper, large-v3: nearly a hundred languages, with punctuation and times of words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

import torch
import whisper
from torch import nn
from torch.overrides import TorchFunctionMode
from whisper.audio import N_SAMPLES, log_mel_spectrogram, pad_or_trim
from whisper.model import ModelDimensions, Whisper
from whisper.tokenizer import LANGUAGES

from airdub.errors import InvalidInput
from airdub.transcript import Segment
from model_images.common.checkpoints import fill, read_checkpoint, weights_file
from model_images.common.torch_runtime import device, precision, seeded
from model_images.transcribe.protocol import Job
from model_images.transcribe.whispers import (
    BEAMS,
    LEAST_LOGPROB,
    MOST_COMPRESSION,
    NO_SPEECH,
    TEMPERATURES,
    Heard,
    HeardWord,
    Samples,
    transcribe_with,
)

WEIGHTS = "large-v3.pt"
_ALIGNMENT_HEADS = {(32, 20, 128): "large-v3"}
"""Which heads know the times of words, by (layers, heads, mel bands): no checkpoint says it."""


def transcribe(job: Job) -> tuple[Segment, ...]:
    """Recognise phrase by phrase; `Transcriber.transcribe` says the rest."""
    return transcribe_with(_listener(), job)


@cache
def _listener() -> OpenaiListener:
    """Loaded once: what it heard before changes nothing."""
    return OpenaiListener(load(weights_file("transcribe", "whisper", WEIGHTS)))


class OpenaiListener:
    """Whisper as openai-whisper runs it, one phrase at a time."""

    batch = 1

    def __init__(self, model: Whisper) -> None:
        self._model = model
        known = list(LANGUAGES)[: model.num_languages] if model.is_multilingual else ["en"]
        self.languages = frozenset(known)

    def likely_languages(self, samples: Samples) -> Mapping[str, float]:
        """Probabilities of the language that is spoken in the first 30 s, by code."""
        sound = pad_or_trim(torch.from_numpy(samples), N_SAMPLES)
        mel = log_mel_spectrogram(sound, self._model.dims.n_mels).to(device(), precision())
        _, found = self._model.detect_language(mel)
        return dict(found)

    def hear(self, batch: Sequence[Samples], language: str) -> Sequence[tuple[Heard, ...]]:
        """What is said in each phrase."""
        return [self._hear(samples, language) for samples in batch]

    def _hear(self, samples: Samples, language: str) -> tuple[Heard, ...]:
        with seeded(0):  # temperatures above 0 draw
            found = whisper.transcribe(
                self._model,
                samples,
                language=language,
                beam_size=BEAMS,
                best_of=BEAMS,
                temperature=TEMPERATURES,
                compression_ratio_threshold=MOST_COMPRESSION,
                logprob_threshold=LEAST_LOGPROB,
                no_speech_threshold=NO_SPEECH,
                condition_on_previous_text=False,
                word_timestamps=True,
                fp16=precision() == torch.float16,
            )
        return tuple(_heard(segment) for segment in found["segments"])


def _heard(segment: Mapping[str, Any]) -> Heard:
    return Heard(
        words=tuple(
            HeardWord(one["word"], float(one["start"]), float(one["end"]), one["probability"])
            for one in segment["words"]
        ),
        logprob=segment["avg_logprob"],
        compression=segment["compression_ratio"],
        no_speech=segment["no_speech_prob"],
    )


def load(path: Path) -> Whisper:
    """The model of a checkpoint of OpenAI's: {"dims", "model_state_dict"}.

    Raises:
        InvalidInput: it isn't one.
    """
    checkpoint = read_checkpoint(path, device())
    model = _empty(checkpoint, path)
    tensors = checkpoint["model_state_dict"]
    fill(model, tensors if isinstance(tensors, Mapping) else {}, path)
    _compute_in(model, precision())
    _finish(model)
    return model.eval()


def _empty(checkpoint: Any, path: Path) -> Whisper:
    """A model without memory, of the checkpoint's dimensions."""
    try:
        dims = ModelDimensions(**checkpoint["dims"])
        _ = checkpoint["model_state_dict"]
        if not all(0 < getattr(dims, one.name) < 1 << 20 for one in fields(dims)):
            raise ValueError(dims)
        with torch.device("meta"), _AllDense():
            return Whisper(dims)
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise InvalidInput(
            f"no checkpoint of openai-whisper: {type(error).__name__}: {error}",
            where=str(path),
            remedy="get the right file: `airdub weights fetch --engine transcribe/whisper`",
        ) from error


class _AllDense(TorchFunctionMode):
    """Leaves out to make tensors sparse, which can't be done without memory."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Called in the place of each function of torch."""
        return args[0] if func is torch.Tensor.to_sparse else func(*args, **(kwargs or {}))


def _compute_in(model: Whisper, dtype: torch.dtype) -> None:
    """Keep in half precision what openai-whisper would cast each time, and the rest in single."""
    model.float()
    if dtype == torch.float16:
        for module in model.modules():
            if isinstance(module, nn.Linear | nn.Conv1d):
                module.half()


def _finish(model: Whisper) -> None:
    """Make what no checkpoint holds: the decoder's mask and the heads that know times of words."""
    dims, where = model.dims, model.device
    size = (dims.n_text_ctx, dims.n_text_ctx)
    mask = torch.full(size, float("-inf"), device=where).triu_(1)
    model.decoder.register_buffer("mask", mask, persistent=False)
    heads = torch.zeros(dims.n_text_layer, dims.n_text_head, dtype=torch.bool)
    heads[dims.n_text_layer // 2 :] = True
    model.register_buffer("alignment_heads", heads.to_sparse().to(where), persistent=False)
    kind = _ALIGNMENT_HEADS.get((dims.n_text_layer, dims.n_text_head, dims.n_mels))
    if kind:
        model.set_alignment_heads(whisper._ALIGNMENT_HEADS[kind])
        model.to(where)
