"""M2M100: any of 100 languages into any other by one model, not by way of English.

Source: Fan et al., "Beyond English-Centric Multilingual Machine Translation" (arXiv 2010.11125,
2020); transformers' M2M100Tokenizer and M2M100ForConditionalGeneration, which run the official
checkpoint.
"""

from __future__ import annotations

from model_images.translate.neural.backends import open_model
from model_images.translate.neural.checkpoint import load_tokenizer, model_folder
from model_images.translate.neural.codes import model_code
from model_images.translate.neural.wording import Worder
from model_images.translate.protocol import Job

KEEPS_TERMS = True

_MODEL = "m2m100_418M"


def translate(job: Job) -> list[str]:
    """Translate by sentences; `Translator.translate` says the rest."""
    folder = model_folder("m2m100", _MODEL)
    tokenizer = load_tokenizer(folder, "M2M100Tokenizer")
    codes = tokenizer.lang_code_to_id
    source = model_code(job.source_language, codes, where="source_language")
    target = model_code(job.target_language, codes, where="target_language")
    tokenizer.src_lang = source
    kind, first = "M2M100ForConditionalGeneration", tokenizer.get_lang_token(target)
    return Worder(job, lambda: open_model(folder, kind, tokenizer, first=first)).texts()
