"""Speed of neural translation: one sentence at once and many, by transformers and by CTranslate2.

Weights are random, of the size of Helsinki-NLP/opus-mt-en-es. They never end a sentence, so each
has a fixed number of tokens, about as many as a line of a film.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import ctranslate2
import torch
import transformers

from model_images.translate.neural import beams, ctranslate
from model_images.translate.neural.backends import CONVERTED
from model_images.translate.neural.checkpoint import load_model, load_tokenizer
from tests.neural.translate import checkpoints

_TOKENS = 16
_SENTENCE = "I went to the market because I needed bread."
_OPUS = {
    "vocab_size": 65_001,
    "decoder_vocab_size": 65_001,
    "d_model": 512,
    "encoder_layers": 6,
    "decoder_layers": 6,
    "encoder_ffn_dim": 2048,
    "decoder_ffn_dim": 2048,
    "encoder_attention_heads": 8,
    "decoder_attention_heads": 8,
    "pad_token_id": 65_000,
    "decoder_start_token_id": 65_000,
}


def make_checkpoint(folder: Path) -> Path:
    """The tokenizer of the tiny checkpoint, with words that nobody says, and a full-size model."""
    checkpoints.marian(folder)
    words = [word for word in json.loads((folder / "vocab.json").read_text()) if word != "<pad>"]
    words += [f"never{at}" for at in range(_OPUS["vocab_size"] - 1 - len(words))]
    vocab = {word: at for at, word in enumerate([*words, "<pad>"])}
    (folder / "vocab.json").write_text(json.dumps(vocab))
    config = json.loads((folder / "config.json").read_text()) | _OPUS
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "generation_config.json").unlink()
    model = transformers.MarianMTModel(transformers.MarianConfig.from_dict(config))
    torch.save(dict(model.state_dict()), folder / "pytorch_model.bin")
    return folder


def measure(what: str, sentences: int, batch: int, work: Callable[[list[str]], object]) -> float:
    """Seconds of processors for a sentence: who else works on the machine matters less to them."""
    began = time.process_time()
    for _ in range(sentences // batch):
        work([_SENTENCE] * batch)
    spent_s = (time.process_time() - began) / sentences
    print(f"  {what:28} batch {batch:3}   {spent_s:6.2f} s of processors a sentence", flush=True)
    return spent_s


def main() -> int:
    """Measure; 1 when batches don't pay."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.translation")
    parser.add_argument("--sentences", type=int, default=32)
    parser.add_argument("--threads", type=int, default=2)
    chosen = parser.parse_args()
    torch.set_num_threads(chosen.threads)
    beams.MOST_TOKENS = ctranslate.MOST_TOKENS = _TOKENS
    with tempfile.TemporaryDirectory() as name:
        folder = make_checkpoint(Path(name) / "opus-mt-en-es")
        tokenizer = load_tokenizer(folder, "MarianTokenizer")
        began = time.monotonic()
        model = load_model(folder, "MarianMTModel")
        print(
            f"OPUS-MT's size, {model.device}, {model.dtype}, {_TOKENS} tokens, {beams.BEAMS} beams"
        )
        print(f"  loaded in {time.monotonic() - began:.2f} s")
        plain = beams.Beams(model, tokenizer)
        plain.candidates([_SENTENCE])  # warm
        single = measure("transformers", chosen.sentences // 4, 1, plain.candidates)
        many = measure("transformers", chosen.sentences, chosen.sentences, plain.candidates)
        for bits in (None, "int8"):
            converter = ctranslate2.converters.TransformersConverter(str(folder))
            converted = converter.convert(
                str(Path(name) / f"{CONVERTED}-{bits}"), quantization=bits
            )
            fast = ctranslate.ConvertedBeams(Path(converted), tokenizer)
            fast.candidates([_SENTENCE])
            label = f"CTranslate2, {bits or 'float32'}"
            measure(label, chosen.sentences // 4, 1, fast.candidates)
            measure(label, chosen.sentences, chosen.sentences, fast.candidates)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"  peak memory {peak_mb:.0f} MB with all of them")
    gain = single / many
    print(f"  many at once are quicker x {gain:.1f} (> 1): {'ok' if gain > 1 else 'NOT REACHED'}")
    return 0 if gain > 1 else 1


if __name__ == "__main__":
    raise SystemExit(main())
