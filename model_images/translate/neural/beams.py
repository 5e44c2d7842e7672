"""Beam search by transformers: several candidates for each sentence, with their likelihood."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch

from model_images.common.torch_runtime import in_batches
from model_images.translate.neural.choosing import Candidate

BEAMS = 5
MOST_TOKENS = 256
"""Of a translation: the longest sentence asks for half of it."""

_BATCH = 32
_LOGITS = 2**27
"""Numbers that scoring may hold at once: half a GiB in single precision."""


class Beams:
    """A model that translates from one language to another.

    Args:
        model: an encoder-decoder of transformers, ready to generate.
        tokenizer: set to the source language.
        first: token that every translation begins with; "" none.
    """

    def __init__(self, model: Any, tokenizer: Any, first: str = "") -> None:
        self._model = model
        self._tokenizer = tokenizer
        self._first = tokenizer.convert_tokens_to_ids(first) if first else None

    def candidates(
        self, texts: Sequence[str], tell: Callable[[int], None] = lambda done: None
    ) -> list[list[Candidate]]:
        """`BEAMS` candidates for each text, the likeliest first.

        Sentences of about one length are worked on together, the longest first, so that memory
        that doesn't suffice shows at once.

        Args:
            tell: told how many texts are done.

        Raises:
            ResourceExhausted: memory doesn't suffice for one sentence.
        """
        rows = [self._tokenizer(text)["input_ids"] for text in texts]
        order = sorted(range(len(rows)), key=lambda at: -len(rows[at]))
        made = in_batches([rows[at] for at in order], _BATCH, self._batch)
        found: list[list[Candidate]] = [[]] * len(rows)
        for done, (at, candidates) in enumerate(zip(order, made, strict=True), 1):
            found[at] = candidates
            tell(done)
        return found

    @torch.inference_mode()
    def _batch(self, rows: Sequence[list[int]]) -> list[list[Candidate]]:
        longest = self._model.config.max_position_embeddings
        batch = self._tokenizer.pad(
            {"input_ids": [row[:longest] for row in rows]}, return_tensors="pt"
        ).to(self._model.device)
        made = self._model.generate(
            **batch,
            num_beams=BEAMS,
            num_return_sequences=BEAMS,
            do_sample=False,
            length_penalty=1.0,
            forced_bos_token_id=self._first,
            bad_words_ids=[[self._tokenizer.pad_token_id]],
            max_length=None,
            max_new_tokens=min(MOST_TOKENS, longest - 2),
        )
        texts = self._tokenizer.batch_decode(made, skip_special_tokens=True)
        pairs = zip(texts, self._scores(batch, made), strict=True)
        candidates = [Candidate(text.strip(), score) for text, score in pairs]
        return [candidates[at : at + BEAMS] for at in range(0, len(candidates), BEAMS)]

    def _scores(self, batch: Any, made: torch.Tensor) -> list[float]:
        """Mean log-probability of the tokens of each translation; the one it must have is certain.

        `generate` would keep the logits of every step of every beam to tell it.
        """
        encoded = self._model.get_encoder()(**batch).last_hidden_state
        given, wanted = made[:, :-1], made[:, 1:]
        counted = wanted != self._tokenizer.pad_token_id
        scores: list[float] = []
        rows = max(1, _LOGITS // (wanted.shape[1] * self._model.config.vocab_size))
        for at in range(0, len(made), rows):
            part = slice(at, at + rows)
            sentences = torch.arange(len(made), device=made.device)[part] // BEAMS
            logits = self._model(
                encoder_outputs=(encoded[sentences],),
                attention_mask=batch["attention_mask"][sentences],
                decoder_input_ids=given[part],
            ).logits.float()
            likely = logits.log_softmax(-1).gather(2, wanted[part].unsqueeze(-1)).squeeze(-1)
            likely = likely.masked_fill(~counted[part], 0.0)
            if self._first is not None:
                likely[:, 0] = 0.0
            scores += (likely.sum(1) / counted[part].sum(1)).tolist()
        return scores
