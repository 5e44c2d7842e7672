"""OPUS-MT: a small Marian model for each pair of languages.

Source: Tiedemann and Thottingal, "OPUS-MT: Building open translation services for the World"
(EAMT 2020); transformers' MarianTokenizer and MarianMTModel, which run the official checkpoints.
"""

from __future__ import annotations

from airdub.engines import find_engine
from airdub.errors import InvalidInput
from airdub.languages import base_language
from model_images.translate.neural.backends import open_model
from model_images.translate.neural.checkpoint import load_tokenizer, model_folder
from model_images.translate.neural.wording import Worder
from model_images.translate.protocol import Job

KEEPS_TERMS = True

_PREFIX = "opus-mt-"


def translate(job: Job) -> list[str]:
    """Translate by the pair's model; `Translator.translate` says the rest."""
    pair = choose_pair(job.source_language, job.target_language)
    folder = model_folder("marian", _PREFIX + pair)
    tokenizer = load_tokenizer(folder, "MarianTokenizer")
    return Worder(job, lambda: open_model(folder, "MarianMTModel", tokenizer)).texts()


def choose_pair(source: str, target: str) -> str:
    """The pair of base languages of two BCP-47 tags, as `en-es`.

    Raises:
        InvalidInput: no model of `engines.yaml` serves them.
    """
    pair, known = f"{base_language(source)}-{base_language(target)}", pairs()
    if pair in known:
        return pair
    raise InvalidInput(
        f"no OPUS-MT model translates from {source!r} to {target!r}",
        where="source_language, target_language",
        remedy=f"known are {', '.join(known)}; or choose another engine",
    )


def pairs() -> list[str]:
    """Pairs of base languages that `engines.yaml` has models for."""
    folders = {name.split("/")[0] for name in find_engine("translate", "marian").weights}
    return sorted(folder.removeprefix(_PREFIX) for folder in folders)
