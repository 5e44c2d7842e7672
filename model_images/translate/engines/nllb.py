"""NLLB-200: 202 languages in their scripts by one model.

Source: NLLB Team, "No Language Left Behind" (arXiv 2207.04672, 2022); transformers' NllbTokenizer
and M2M100ForConditionalGeneration, which run the official checkpoint.
"""

from __future__ import annotations

import re

from model_images.translate.neural.backends import open_model
from model_images.translate.neural.checkpoint import load_tokenizer, model_folder
from model_images.translate.neural.codes import model_code
from model_images.translate.neural.wording import Worder
from model_images.translate.protocol import Job

KEEPS_TERMS = True

_MODEL = "nllb-200-distilled-600M"
_CODE = re.compile(r"[a-z]{3}_[A-Z][a-z]{3}")


def translate(job: Job) -> list[str]:
    """Translate by sentences; `Translator.translate` says the rest."""
    folder = model_folder("nllb", _MODEL)
    tokenizer = load_tokenizer(folder, "NllbTokenizer")
    codes = sorted(filter(_CODE.fullmatch, tokenizer.get_added_vocab()))
    source = model_code(job.source_language, codes, where="source_language")
    target = model_code(job.target_language, codes, where="target_language")
    tokenizer.src_lang = source
    kind = "M2M100ForConditionalGeneration"
    return Worder(job, lambda: open_model(folder, kind, tokenizer, first=target)).texts()
