"""A title's texts through a model: planned, chosen by time and terms, divided again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from airdub.subtitles.breaking import reading_rules
from model_images.common.espeak import count_syllables
from model_images.translate.budget import slots, syllable_budget
from model_images.translate.glossary import Protected, keeps_all, restore
from model_images.translate.neural.choosing import Candidate, ranked
from model_images.translate.neural.dividing import divide
from model_images.translate.neural.sentences import Sentence, plan_sentences
from model_images.translate.numbers import lost_numbers
from model_images.translate.protocol import Job


class Model(Protocol):
    """Translates single sentences from one language to another."""

    def candidates(
        self, texts: Sequence[str], tell: Callable[[int], None]
    ) -> list[list[Candidate]]:
        """At least one candidate for each text, in any order.

        Args:
            tell: told how many texts are done.
        """
        ...


class Worder:
    """One title.

    Terms go through the model as stand-ins. Where none of a sentence's candidates gives them all
    back, its segments are translated one by one; where that doesn't help, the model is given the
    terms' translations in their places; and where it leaves those out, too, the likeliest candidate
    is said, and the stage warns of every term that a line lacks.

    Args:
        open_model: gives the model; called only if there is something to translate.
    """

    def __init__(self, job: Job, open_model: Callable[[], Model]) -> None:
        self._job = job
        self._open_model = open_model
        self._rules = reading_rules(job.target_language)
        self._said: list[dict[int, str]] = [{} for _ in job.texts]

    def texts(self) -> list[str]:
        """One per segment of the job."""
        rest = self._by_stand_ins(self._planned())
        several = [one for sentence in rest if len(sentence.pieces) > 1 for one in sentence.alone()]
        single = [sentence for sentence in rest if len(sentence.pieces) == 1]
        self._by_translated_terms(single + self._by_stand_ins(several))
        glue = " " if self._rules.blanks else ""
        return [glue.join(parts[at] for at in sorted(parts)) for parts in self._said]

    def _planned(self) -> list[Sentence]:
        job = self._job
        texts = [Protected(*one) for one in zip(job.texts, job.terms, strict=True)]
        glue = " " if reading_rules(job.source_language).blanks else ""
        planned = plan_sentences(texts, job.segments, slots(job.segments, job.duration), glue)
        for sentence in planned:
            if not sentence.has_words:
                self._say(sentence, [restore(one.said.text, one.said) for one in sentence.pieces])
        return [sentence for sentence in planned if sentence.has_words]

    def _by_stand_ins(self, sentences: Sequence[Sentence]) -> list[Sentence]:
        """Say what comes out whole; the other sentences are returned."""
        rest = []
        made = self._candidates([sentence.said.text for sentence in sentences])
        for sentence, candidates in zip(sentences, made, strict=True):
            whole = [one for one in candidates if keeps_all(one.text, sentence.said)]
            parts = (self._parts(one.text, sentence) for one in self._ranked(whole, sentence))
            if chosen := next(filter(None, parts), None):
                self._say(sentence, chosen)
            else:
                rest.append(sentence)
        return rest

    def _by_translated_terms(self, sentences: Sequence[Sentence]) -> None:
        made = self._candidates([restore(one.said.text, one.said) for one in sentences])
        for sentence, candidates in zip(sentences, made, strict=True):
            targets = [term.target.casefold() for term in sentence.said.terms]
            best = min(
                self._ranked(candidates, sentence),
                key=lambda one: sum(term not in one.text.casefold() for term in targets),
            )
            self._say(sentence, [best.text])

    def _parts(self, text: str, sentence: Sentence) -> list[str] | None:
        """What each segment says of the translation, its terms in their places."""
        pieces = sentence.pieces
        parts: list[str] | None = [text]
        if len(pieces) > 1:
            owned = [len(piece.said.terms) for piece in pieces]
            parts = divide(text, [piece.slot for piece in pieces], owned, self._rules)
        return [restore(part, sentence.said) for part in parts] if parts and all(parts) else None

    def _ranked(self, candidates: Sequence[Candidate], sentence: Sentence) -> list[Candidate]:
        language = self._job.target_language
        budget = syllable_budget(round(sentence.slot), language)
        return ranked(
            candidates,
            sentence.said.text,
            budget,
            lambda text: count_syllables(restore(text, sentence.said), language),
        )

    def _candidates(self, texts: Sequence[str]) -> list[list[Candidate]]:
        def tell(done: int) -> None:
            self._job.progress(done, len(texts), "sentences")

        return self._open_model().candidates(texts, tell) if texts else []

    def _say(self, sentence: Sentence, parts: Sequence[str]) -> None:
        said = " ".join(parts)
        if lost := lost_numbers(sentence.said.text, said):
            first = self._job.segments[sentence.pieces[0].segment]
            self._job.warn(f"{first.id}: {', '.join(lost)} is not in the translation {said[:80]!r}")
        for piece, text in zip(sentence.pieces, parts, strict=True):
            self._said[piece.segment][piece.number] = text
