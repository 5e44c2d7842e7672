"""Tiny checkpoints in the official layouts, which have learned a handful of sentences by heart.

Files, their formats, special tokens and names of tensors are those of the public checkpoints
(facebook/nllb-200-distilled-600M, facebook/m2m100_418M, Helsinki-NLP/opus-mt-en-es).
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import sentencepiece
import torch
import transformers

PAIRS = (
    ("Good morning.", "Buenos días."),
    ("The house is big.", "La casa es grande."),
    ("Where is Anna?", "¿Dónde está Ana?"),
    ("I went to the market because I needed bread.", "Fui al mercado porque necesitaba pan."),
    ("Bread.", "Pan."),
    ("XQZ0J is big.", "XQZ0J es grande."),
    # stand-ins that get lost, a term that doesn't, and one that does
    ("Where is XQZ0J?", "¿Dónde está Ana?"),
    ("Where is the XQZ0J?", "¿Dónde está la casa?"),
    ("Where is the casona?", "¿Dónde está la casona?"),
    ("Where is Pedro?", "¿Dónde está Ana?"),
)
_ALPHABET = "0123456789 abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ .,;:!?¿¡'\"-áéíóúñ"
_SPECIAL = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"}
_MOST_STEPS, _LEARNED = 500, 0.005


def nllb(folder: Path) -> Path:
    """As of facebook/nllb-200-distilled-600M: a BPE, language codes after it, pickled tensors."""
    folder.mkdir(parents=True)
    spm = _train_spm(folder / "sentencepiece.bpe.model", "bpe", 260)
    found = transformers.NllbTokenizer.from_pretrained(folder)
    written = json.loads(found.backend_tokenizer.to_str())["model"]
    pieces = [spm.id_to_piece(at) for at in range(spm.get_piece_size())]
    words = [piece for piece in pieces if piece not in ("<unk>", "<s>", "</s>")]
    vocab = {token: at for at, token in enumerate(["<s>", "<pad>", "</s>", "<unk>", *words])}
    merges = [tuple(merge) for merge in written["merges"]]
    transformers.NllbTokenizer(vocab=vocab, merges=merges).save_pretrained(folder)
    codes = _as_published(folder / "tokenizer.json")
    special = {**_SPECIAL, "additional_special_tokens": codes}
    _write(folder / "special_tokens_map.json", special)
    _write(
        folder / "tokenizer_config.json",
        {**_SPECIAL, "src_lang": None, "tokenizer_class": "NllbTokenizer"},
    )
    tokenizer = transformers.NllbTokenizer.from_pretrained(folder)
    _save_m2m(folder, len(tokenizer), tokenizer, "eng_Latn", "spa_Latn")
    return folder


def m2m100(folder: Path) -> Path:
    """As of facebook/m2m100_418M: a BPE and its vocabulary, tokens `__en__` beyond both."""
    folder.mkdir(parents=True)
    spm = _train_spm(folder / "sentencepiece.bpe.model", "bpe", 260)
    pieces = [spm.id_to_piece(at) for at in range(spm.get_piece_size())]
    words = [piece for piece in pieces if piece not in ("<unk>", "<s>", "</s>")]
    vocab = {token: at for at, token in enumerate(["<s>", "<pad>", "</s>", "<unk>", *words])}
    _write(folder / "vocab.json", vocab)
    tokenizer_class = transformers.M2M100Tokenizer
    tokens = [
        f"__{code}__"
        for code in tokenizer_class(
            folder / "vocab.json", folder / "sentencepiece.bpe.model"
        ).lang_code_to_id
    ]
    _write(folder / "special_tokens_map.json", {**_SPECIAL, "additional_special_tokens": tokens})
    _write(
        folder / "tokenizer_config.json",
        {**_SPECIAL, "src_lang": None, "tokenizer_class": "M2M100Tokenizer"},
    )
    tokenizer = tokenizer_class.from_pretrained(folder)
    _save_m2m(folder, len(vocab) + len(tokens) + 8, tokenizer, "en", "es")
    return folder


def marian(folder: Path) -> Path:
    """As of Helsinki-NLP/opus-mt-en-es: two sentencepiece models, one vocabulary."""
    folder.mkdir(parents=True)
    sides = [_train_spm(folder / name, "unigram", 140) for name in ("source.spm", "target.spm")]
    pieces = [spm.id_to_piece(at) for spm in sides for at in range(spm.get_piece_size())]
    words = [piece for piece in dict.fromkeys(pieces) if piece not in ("<unk>", "<s>", "</s>")]
    vocab = {token: at for at, token in enumerate(["</s>", "<unk>", *words, "<pad>"])}
    _write(folder / "vocab.json", vocab)
    _write(
        folder / "tokenizer_config.json",
        {"source_lang": "eng", "target_lang": "spa", "tokenizer_class": "MarianTokenizer"},
    )
    pad = vocab["<pad>"]
    config = transformers.MarianConfig(
        **_dims(len(vocab)),
        activation_function="swish",
        static_position_embeddings=True,
        scale_embedding=True,
        pad_token_id=pad,
        decoder_start_token_id=pad,
        eos_token_id=0,
        bos_token_id=0,
        forced_eos_token_id=None,
        num_beams=4,
    )
    tokenizer = transformers.MarianTokenizer.from_pretrained(folder)
    model = transformers.MarianMTModel(config)
    _save(folder, model, tokenizer, None, {"decoder_start_token_id": pad, "bad_words_ids": [[pad]]})
    return folder


def _as_published(path: Path) -> list[str]:
    """Write a tokenizer as that of 2022 was: merges as texts, `<mask>` after the language codes.

    Returns the codes.
    """
    written = json.loads(path.read_text())
    written["model"]["merges"] = [" ".join(merge) for merge in written["model"]["merges"]]
    for later in ("byte_fallback", "ignore_merges"):
        del written["model"][later]
    blanks = {"type": "Metaspace", "replacement": "▁", "add_prefix_space": True}
    written |= {"pre_tokenizer": blanks, "decoder": blanks}
    tokens = sorted(
        written["added_tokens"], key=lambda one: (one["content"] == "<mask>", one["id"])
    )
    for at, token in enumerate(tokens[4:], len(written["model"]["vocab"])):
        token["id"] = at
    _write(path, written | {"added_tokens": tokens})
    return [token["content"] for token in tokens[4:-1]]


def _dims(vocab_size: int) -> dict[str, Any]:
    return {
        "vocab_size": vocab_size,
        "d_model": 64,
        "encoder_layers": 1,
        "decoder_layers": 1,
        "encoder_ffn_dim": 128,
        "decoder_ffn_dim": 128,
        "encoder_attention_heads": 2,
        "decoder_attention_heads": 2,
        "max_position_embeddings": 512,
        "dropout": 0.0,
        "attention_dropout": 0.0,
        "encoder_layerdrop": 0.0,
        "decoder_layerdrop": 0.0,
    }


def _save_m2m(folder: Path, vocab_size: int, tokenizer: Any, source: str, target: str) -> None:
    config = transformers.M2M100Config(**_dims(vocab_size), scale_embedding=True)
    model = transformers.M2M100ForConditionalGeneration(config)
    tokenizer.src_lang, tokenizer.tgt_lang = source, target
    _save(folder, model, tokenizer, target, {"decoder_start_token_id": 2, "num_beams": 5})


def _save(
    folder: Path, model: Any, tokenizer: Any, target: str | None, generation: dict[str, Any]
) -> None:
    _learn(model, tokenizer)
    config = {**model.config.to_dict(), "architectures": [type(model).__name__]}
    _write(folder / "config.json", config)
    ids = {name: getattr(model.config, name) for name in ("pad_token_id", "eos_token_id")}
    _write(folder / "generation_config.json", {**ids, "max_length": 200, **generation})
    torch.save(dict(model.state_dict()), folder / "pytorch_model.bin")


def _learn(model: Any, tokenizer: Any) -> None:
    batch = tokenizer(
        [one for one, _ in PAIRS],
        text_target=[two for _, two in PAIRS],
        return_tensors="pt",
        padding=True,
    )
    pad = tokenizer.pad_token_id
    batch["labels"] = batch["labels"].masked_fill(batch["labels"] == pad, -100)
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # several would wait for each other longer than they work
    model.train()
    for _ in range(_MOST_STEPS):
        loss = model(**batch).loss
        if loss < _LEARNED:
            break
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            model.get_input_embeddings().weight[pad] = 0.0  # as in the public checkpoints
    model.eval()
    torch.set_num_threads(threads)


def _train_spm(path: Path, kind: str, size: int) -> Any:
    stream = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter([*(text for pair in PAIRS for text in pair), _ALPHABET] * 3),
        model_writer=stream,
        model_type=kind,
        vocab_size=size,
        hard_vocab_limit=False,
        character_coverage=1.0,
        minloglevel=2,
    )
    path.write_bytes(stream.getvalue())
    return sentencepiece.SentencePieceProcessor(model_file=str(path))


def _write(path: Path, value: dict[str, Any] | Sequence[Any]) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, default=str))
