"""Terms protected while an engine works, and checked afterwards. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from airdub.glossary import Term

STAND_IN = re.compile(r"XQZ(\d{1,6})J", re.IGNORECASE)


@dataclass(frozen=True)
class Protected:
    """A text whose terms are replaced by stand-ins `XQZ0J`, `XQZ1J`, ... in order."""

    text: str
    terms: tuple[Term, ...]


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


def numbers_in(text: str) -> list[int]:
    """The numbers of the stand-ins in a text, in order."""
    return [int(found[1]) for found in STAND_IN.finditer(text)]


def part_of(text: str, whole: Protected) -> Protected:
    """A part of a protected text by itself: its stand-ins are numbered anew."""
    terms: list[Term] = []

    def renumbered(match: re.Match[str]) -> str:
        number = int(match[1])
        if number >= len(whole.terms):
            return match[0]
        terms.append(whole.terms[number])
        return f"XQZ{len(terms) - 1}J"

    return Protected(STAND_IN.sub(renumbered, text), tuple(terms))


def joined(parts: Sequence[Protected], glue: str) -> Protected:
    """Protected texts as one: stand-ins are numbered on."""
    texts: list[str] = []
    terms: tuple[Term, ...] = ()
    for part in parts:
        numbered = _numbered_on(part, len(terms))
        texts.append(numbered)
        terms += part.terms
    return Protected(glue.join(texts), terms)


def _numbered_on(part: Protected, first: int) -> str:
    def moved(match: re.Match[str]) -> str:
        number = int(match[1])
        return f"XQZ{number + first}J" if number < len(part.terms) else match[0]

    return STAND_IN.sub(moved, part.text)


def keeps_all(translated: str, protected: Protected) -> bool:
    """Whether every stand-in came out once, and no other."""
    return sorted(numbers_in(translated)) == sorted(numbers_in(protected.text))


def unmet(source: str, target: str, glossary: Sequence[Term]) -> list[Term]:
    """Terms that the source has and whose translation the target lacks."""
    return [
        term
        for term in glossary
        if term.spans(source) and term.target.casefold() not in target.casefold()
    ]
