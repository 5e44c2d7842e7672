"""Terms and their translations: protected while an engine works, checked afterwards. Pure."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from airdub.errors import InvalidInput

MAX_TERMS = 5_000
STAND_IN = re.compile(r"XQZ(\d+)J", re.IGNORECASE)


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

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where the term stands in a text."""
        if (
            self.source.casefold() not in text.casefold()
        ):  # most terms are in few lines; this is quick
            return []
        return [match.span() for match in self.pattern.finditer(text)]


@dataclass(frozen=True)
class Protected:
    """A text whose terms are replaced by stand-ins `XQZ0J`, `XQZ1J`, ... in order."""

    text: str
    terms: tuple[Term, ...]


def read_glossary(text: str, *, name: str) -> tuple[Term, ...]:
    """Read CSV or TSV with the columns source, target and, optionally, case.

    An empty target means: do not translate. `case` is yes or no (the default).

    Raises:
        InvalidInput: a column is missing, a source empty or twice, or there are too many terms.
    """
    head = text.split("\n", 1)[0]
    rows = csv.DictReader(io.StringIO(text), delimiter="\t" if "\t" in head else ",")
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
    if len(terms) > MAX_TERMS:
        raise InvalidInput(
            f"it has {len(terms)} terms", where=name, remedy=f"keep at most {MAX_TERMS}"
        )
    return tuple(sorted(terms.values(), key=lambda term: (-len(term.source), term.source)))


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


def protect(text: str, glossary: Sequence[Term]) -> Protected:
    """Replace every term by a stand-in that engines pass through; longer terms win."""
    found: list[tuple[int, int, Term]] = []
    for term in glossary:
        for first, last in term.spans(text):
            if all(last <= start or first >= end for start, end, _ in found):
                found.append((first, last, term))
    found.sort(key=lambda one: one[0])
    pieces, at = [], 0
    for number, (start, end, _) in enumerate(found):
        pieces += [text[at:start], f"XQZ{number}J"]
        at = end
    return Protected("".join([*pieces, text[at:]]), tuple(term for _, _, term in found))


def restore(translated: str, protected: Protected) -> str:
    """Put the terms' translations where their stand-ins came out; unknown stand-ins stay."""

    def target(match: re.Match[str]) -> str:
        number = int(match[1])
        return protected.terms[number].target if number < len(protected.terms) else match[0]

    return STAND_IN.sub(target, translated)


def unmet(source: str, target: str, glossary: Sequence[Term]) -> list[Term]:
    """Terms that the source has and whose translation the target lacks."""
    return [
        term
        for term in glossary
        if term.spans(source) and term.target.casefold() not in target.casefold()
    ]
