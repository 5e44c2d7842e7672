"""How a checkpoint is run: converted, by CTranslate2, where it is; else by transformers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from model_images.translate.neural.beams import Beams
from model_images.translate.neural.checkpoint import load_model, refuse_larger
from model_images.translate.neural.wording import Model

CONVERTED = "ctranslate2"
"""Folder of the converted checkpoint within the original's."""


def open_model(folder: Path, kind: str, tokenizer: Any, *, first: str = "") -> Model:
    """A checkpoint's model, loaded once per process.

    Args:
        kind: its class in transformers.
        tokenizer, first: see `beams.Beams`.

    Raises:
        InvalidInput: the checkpoint can't be used.
    """
    if (folder / CONVERTED / "model.bin").is_file():
        from model_images.translate.neural.ctranslate import ConvertedBeams

        return ConvertedBeams(folder / CONVERTED, tokenizer, first)
    model = load_model(folder, kind)
    refuse_larger(tokenizer, model, folder)
    return Beams(model, tokenizer, first)
