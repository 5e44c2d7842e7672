"""Takes a model of OpenAI's the official way to CTranslate2's format: over that of transformers."""

from __future__ import annotations

import json
from pathlib import Path

import torch
import whisper as official
from ctranslate2.converters import TransformersConverter
from tokenizers import AddedToken
from transformers import GenerationConfig, WhisperConfig, WhisperForConditionalGeneration
from transformers.convert_slow_tokenizer import TikTokenConverter
from whisper.model import Whisper

from tests.neural.whisper_checkpoints import tokens_of

_RENAMED = (
    ("blocks", "layers"),
    ("cross_attn_ln", "encoder_attn_layer_norm"),
    ("cross_attn", "encoder_attn"),
    ("attn_ln", "self_attn_layer_norm"),
    (".attn.", ".self_attn."),
    ("query", "q_proj"),
    ("key", "k_proj"),
    ("value", "v_proj"),
    ("attn.out", "attn.out_proj"),
    ("mlp_ln", "final_layer_norm"),
    ("mlp.0", "fc1"),
    ("mlp.2", "fc2"),
    ("ln_post", "layer_norm"),
    ("decoder.ln.", "decoder.layer_norm."),
    ("token_embedding", "embed_tokens"),
    ("positional_embedding", "embed_positions.weight"),
)
_PATTERN = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"


def convert(model: Whisper, folder: Path) -> Path:
    """Write a model as CTranslate2 wants it, as `Systran/faster-whisper-*` are."""
    steps = folder.with_name(f"{folder.name}-transformers")
    _as_transformers(model).save_pretrained(steps)
    _tokenizer(steps / "tokenizer.json")
    (steps / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "PreTrainedTokenizerFast"})
    )
    (steps / "preprocessor_config.json").write_text(json.dumps({"feature_size": model.dims.n_mels}))
    copied = ["tokenizer.json", "preprocessor_config.json"]
    TransformersConverter(str(steps), copy_files=copied).convert(
        str(folder), quantization="float16"
    )
    return folder


def _as_transformers(model: Whisper) -> WhisperForConditionalGeneration:
    dims, tokens = model.dims, tokens_of()
    config = WhisperConfig(
        vocab_size=dims.n_vocab,
        num_mel_bins=dims.n_mels,
        d_model=dims.n_text_state,
        encoder_layers=dims.n_audio_layer,
        encoder_attention_heads=dims.n_audio_head,
        decoder_layers=dims.n_text_layer,
        decoder_attention_heads=dims.n_text_head,
        encoder_ffn_dim=4 * dims.n_audio_state,
        decoder_ffn_dim=4 * dims.n_text_state,
        max_source_positions=dims.n_audio_ctx,
        max_target_positions=dims.n_text_ctx,
    )
    converted = WhisperForConditionalGeneration(config)
    tensors = {}
    for name, tensor in model.state_dict().items():
        renamed = name
        for old, new in _RENAMED:
            renamed = renamed.replace(old, new)
        tensors[f"model.{renamed}"] = tensor
    tensors["proj_out.weight"] = tensors["model.decoder.embed_tokens.weight"]
    converted.load_state_dict(tensors)
    heads = model.alignment_heads.to_dense().nonzero().tolist()
    converted.generation_config = GenerationConfig(
        lang_to_id={
            f"<|{code}|>": tokens.to_language_token(code) for code in tokens.all_language_codes
        },
        alignment_heads=heads,
        suppress_tokens=list(tokens.non_speech_tokens),
        begin_suppress_tokens=[220, tokens.eot],
        decoder_start_token_id=tokens.sot,
        eos_token_id=tokens.eot,
    )
    return converted.to(torch.float32)


def _tokenizer(path: Path) -> None:
    """OpenAI's vocabulary as a tokenizer of tokenizers."""
    ranks = Path(official.__file__).with_name("assets") / "multilingual.tiktoken"
    special = sorted(tokens_of().special_tokens.items(), key=lambda one: one[1])
    made = TikTokenConverter(str(ranks), pattern=_PATTERN).converted()
    made.add_special_tokens([AddedToken(name, special=True) for name, _ in special])
    made.save(str(path))
    assert all(made.token_to_id(name) == number for name, number in special)
