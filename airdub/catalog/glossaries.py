"""Series, and their words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from airdub.catalog.session import Session, now
from airdub.continuity.documents import GlossaryTerm, Series
from airdub.errors import InvalidInput
from airdub.glossary import MAX_TERMS, Term
from airdub.languages import base_language

_PAGE = 1000


class Glossaries(Session):
    """Terms of series, by their languages. Times are the catalogue's."""

    def series(self, series_id: str) -> Series:
        """A series by its id.

        Raises:
            InvalidInput: there is none.
        """
        row = self._run("find_series", series_id=series_id)
        if row is None:
            raise InvalidInput(
                "there is no such series",
                where=series_id,
                remedy="`airdub series list` shows all; `airdub library scan` registers them",
            )
        return Series.model_validate(row)

    def every_series(self) -> Iterator[Series]:
        """All series, by their ids."""
        after = ""
        while rows := self._run("all_series", after=after, most=_PAGE):
            yield from map(Series.model_validate, rows)
            after = rows[-1]["series_id"]

    def terms_of_series(self, series_id: str) -> list[GlossaryTerm]:
        """Every term of a series."""
        rows = self._run("terms_of_series", series_id=series_id)
        return [GlossaryTerm.model_validate(row) for row in rows]

    def terms_between(self, series_id: str, source_language: str, language: str) -> list[Term]:
        """The terms of a series from one language to another, each once.

        Those for the languages without their regions count too; a region's own go first.
        """
        rows = self._run(
            "terms_between",
            series_id=series_id,
            source_language=source_language,
            source_base=base_language(source_language),
            language=language,
            base=base_language(language),
        )
        terms = (Term(row["source"], row["target"], bool(row["match_case"])) for row in rows)
        return list({term.key: term for term in terms}.values())

    def set_terms(self, series_id: str, terms: Iterable[GlossaryTerm]) -> int:
        """Record terms, each in place of the one of its word; returns how many.

        Raises:
            InvalidInput: there is no such series, or it has too many terms then.
        """
        given = list(terms)
        with self.transaction():
            self.series(series_id)
            self._run_many("set_glossary_term", [_row(series_id, one) for one in given])
            pairs = {(one.source_language, one.language) for one in given}
            for pair in sorted(pairs):
                self._refuse_many_terms(series_id, *pair)
        return len(given)

    def _refuse_many_terms(self, series_id: str, source_language: str, language: str) -> None:
        count = len(self.terms_between(series_id, source_language, language))
        if count > MAX_TERMS:
            raise InvalidInput(
                f"it would have {count} terms from {source_language} to {language}",
                where=series_id,
                remedy=f"keep at most {MAX_TERMS}: forget some with `airdub series term --forget`",
            )

    def forget_term(self, series_id: str, source_language: str, language: str, source: str) -> bool:
        """Remove a term, whether its case matters or not; whether there was one."""
        key = {"series_id": series_id, "source_language": source_language, "language": language}
        words = {source, source.casefold()}
        removed = [self._run("forget_glossary_term", **key, term=word) for word in words]
        return any(removed)


def _row(series_id: str, one: GlossaryTerm) -> dict[str, Any]:
    key = Term(one.source, one.target, one.match_case).key
    return {**one.model_dump(), "series_id": series_id, "term": key, "now": now()}
