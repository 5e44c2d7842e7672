"""Tiny checkpoints of Whisper in OpenAI's format, which say what a test wants them to say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import torch
from whisper.model import ModelDimensions, Whisper
from whisper.tokenizer import Tokenizer, get_tokenizer

DIMS = ModelDimensions(
    n_mels=80,
    n_audio_ctx=1500,
    n_audio_state=32,
    n_audio_head=2,
    n_audio_layer=1,
    n_vocab=51_865,
    n_text_ctx=64,
    n_text_state=32,
    n_text_head=2,
    n_text_layer=1,
)
"""All that a public checkpoint has, in few numbers: 3.5 MB."""

_SURE, _LOUD = 40.0, 20.0


def tokens_of() -> Tokenizer:
    """The multilingual tokenizer, as for English."""
    return get_tokenizer(True, num_languages=99, language="en", task="transcribe")


def said(text: str, end_s: float) -> list[int]:
    """Tokens of one segment from the first sample on, with its times."""
    tokens = tokens_of()
    return [
        tokens.timestamp_begin,
        *tokens.encode(text),
        tokens.timestamp_begin + round(end_s / 0.02),
        tokens.eot,
    ]


def model_that_says(
    says: Sequence[int],
    *,
    language: str = "en",
    sure: float = _SURE,
    dims: ModelDimensions = DIMS,
) -> Whisper:
    """A model whose tokens follow from their places alone, whatever it is given to hear.

    Attention and perceptrons add nothing, and each place's embedding is that of the token that
    shall come next. Attention still looks somewhere, so words have times.

    Args:
        sure: how far the wanted token stands out; at 1 it hardly does.
    """
    torch.manual_seed(1)
    model, tokens = Whisper(dims), tokens_of()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith(("attn.out.weight", "attn.out.bias", "mlp.2.weight", "mlp.2.bias")):
                parameter.zero_()
        words = torch.randn(dims.n_vocab, dims.n_text_state)
        words = torch.nn.functional.normalize(words - words.mean(1, keepdim=True))
        model.decoder.token_embedding.weight.copy_(words)
        follows = [tokens.to_language_token(language), tokens.transcribe, *says]
        follows += [tokens.eot] * (dims.n_text_ctx - len(follows))
        model.decoder.positional_embedding.copy_(_LOUD * words[follows])
        model.decoder.ln.weight.fill_(sure)
    return model


def save(model: Whisper, path: Path) -> None:
    """Write it as OpenAI does: its dimensions beside half-precision tensors."""
    path.parent.mkdir(parents=True, exist_ok=True)
    tensors = {name: tensor.half() for name, tensor in model.state_dict().items()}
    torch.save({"dims": asdict(model.dims), "model_state_dict": tensors}, path)
