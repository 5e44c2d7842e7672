"""Beam search by CTranslate2, from a checkpoint converted by its `ct2-transformers-converter`.

Smaller (int8) and several times as fast as transformers; the tokenizer is the original's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import ctranslate2

from airdub.errors import InvalidInput
from model_images.common.torch_runtime import in_batches
from model_images.translate.neural.beams import BEAMS, MOST_TOKENS
from model_images.translate.neural.choosing import Candidate

_SENTENCES = 256
_TOKENS = 2048
"""Of sentences that are worked on together, padding included; CTranslate2 sorts by length."""


class ConvertedBeams:
    """As `beams.Beams`, which says what the arguments are.

    Args:
        folder: of `model.bin`, its configuration and its vocabulary.
    """

    def __init__(self, folder: Path, tokenizer: Any, first: str = "") -> None:
        self._translator = _load(folder)
        self._tokenizer = tokenizer
        self._first = first

    def candidates(
        self, texts: Sequence[str], tell: Callable[[int], None] = lambda done: None
    ) -> list[list[Candidate]]:
        """`BEAMS` candidates for each text, the likeliest first."""
        found = []
        for candidates in in_batches(texts, _SENTENCES, self._batch):
            found.append(candidates)
            tell(len(found))
        return found

    def _batch(self, texts: Sequence[str]) -> list[list[Candidate]]:
        encoded = [self._tokenizer(text)["input_ids"] for text in texts]
        made = self._translator.translate_batch(
            [self._tokenizer.convert_ids_to_tokens(row) for row in encoded],
            target_prefix=[[self._first]] * len(texts) if self._first else None,
            beam_size=BEAMS,
            num_hypotheses=BEAMS,
            length_penalty=1.0,
            return_scores=True,
            max_batch_size=_TOKENS,
            batch_type="tokens",
            max_decoding_length=MOST_TOKENS,
        )
        return [
            [
                Candidate(self._text(tokens), score)
                for tokens, score in zip(one.hypotheses, one.scores, strict=True)
            ]
            for one in made
        ]

    def _text(self, tokens: list[str]) -> str:
        ids = self._tokenizer.convert_tokens_to_ids(tokens)
        return str(self._tokenizer.decode(ids, skip_special_tokens=True)).strip()


@cache
def _load(folder: Path) -> ctranslate2.Translator:
    device = "cuda" if ctranslate2.get_cuda_device_count() else "cpu"
    try:
        return ctranslate2.Translator(str(folder), device=device)
    except (RuntimeError, ValueError) as error:
        raise InvalidInput(
            f"not a model that this CTranslate2 reads: {error}",
            where=str(folder),
            remedy="convert the checkpoint anew: `ct2-transformers-converter --model FOLDER "
            "--output_dir FOLDER/ctranslate2`",
        ) from error
