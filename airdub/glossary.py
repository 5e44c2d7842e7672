"""Terms and their translations: a glossary's file, and one laid over another. Pure."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from airdub.errors import InvalidInput

MAX_TERMS = 5_000


@dataclass(frozen=True)
class Term:
    """One entry.

    Attributes:
        source: the term as it is said.
        target: its translation; the source itself where it must not be translated.
        match_case: only this spelling is the term.
    """

    source: str
    target: str
    match_case: bool = False

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Finds the term as whole words."""
        return re.compile(
            rf"(?<!\w){re.escape(self.source)}(?!\w)", 0 if self.match_case else re.IGNORECASE
        )

    @property
    def key(self) -> str:
        """What it is found by: two terms of one key can't both be obeyed."""
        return self.source if self.match_case else self.source.casefold()

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where the term stands in a text."""
        if (
            self.source.casefold() not in text.casefold()
        ):  # most terms are in few lines; this is quick
            return []
        return [match.span() for match in self.pattern.finditer(text)]


def read_glossary(text: str, *, name: str) -> tuple[Term, ...]:
    """Read CSV or TSV with the columns source, target and, optionally, case; longer terms first.

    An empty target means: do not translate. `case` is yes or no (the default).

    Raises:
        InvalidInput: a column is missing, a source empty or twice, or there are too many terms.
    """
    plain = unicodedata.normalize("NFC", text)  # as the lines that are searched for its terms
    head = plain.split("\n", 1)[0]
    rows = csv.DictReader(io.StringIO(plain), delimiter="\t" if "\t" in head else ",")
    columns = [column.strip().lower() for column in rows.fieldnames or ()]
    if "source" not in columns or "target" not in columns:
        raise InvalidInput(
            f"the columns are {', '.join(columns) or 'none'}",
            where=f"{name}, line 1",
            remedy="begin the glossary with a line `source,target` or `source,target,case`",
        )
    rows.fieldnames = columns
    terms: dict[str, Term] = {}
    for row in rows:
        term = _term(row, where=f"{name}, line {rows.line_num}")
        if term.source in terms:
            raise InvalidInput(
                f"the term {term.source!r} stands twice",
                where=f"{name}, line {rows.line_num}, source",
                remedy="keep one of the lines",
            )
        terms[term.source] = term
    return _ordered(terms.values(), name)


def write_glossary(terms: Iterable[Term]) -> str:
    """The terms as `read_glossary` reads them; the same terms give the same text."""
    stream = io.StringIO()
    rows = csv.writer(stream, lineterminator="\n")
    rows.writerow(["source", "target", "case"])
    for term in sorted(terms, key=lambda one: (one.source, one.match_case)):
        rows.writerow([term.source, term.target, "yes" if term.match_case else "no"])
    return stream.getvalue()


def overlaid(under: Iterable[Term], over: Iterable[Term], *, name: str) -> tuple[Term, ...]:
    """One glossary over another: where both have a term, in whatever case, `over` says it.

    Raises:
        InvalidInput: together they have too many terms.
    """
    above = tuple(over)
    said = {term.source.casefold() for term in above}
    rest = (term for term in under if term.source.casefold() not in said)
    return _ordered((*above, *rest), name)


def _ordered(terms: Iterable[Term], name: str) -> tuple[Term, ...]:
    found = sorted(terms, key=lambda term: (-len(term.source), term.source))
    if len(found) > MAX_TERMS:
        raise InvalidInput(
            f"it has {len(found)} terms", where=name, remedy=f"keep at most {MAX_TERMS}"
        )
    return tuple(found)


def _term(row: dict[str, str | None], *, where: str) -> Term:
    source = (row.get("source") or "").strip()
    if not source:
        raise InvalidInput("the source term is empty", where=f"{where}, source", remedy="fill it")
    case = (row.get("case") or "no").strip().lower()
    if case not in ("yes", "no"):
        raise InvalidInput(
            f"{case!r} is neither yes nor no", where=f"{where}, case", remedy="write yes or no"
        )
    return Term(source, (row.get("target") or "").strip() or source, case == "yes")
