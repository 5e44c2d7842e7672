"""Terms protected while an engine works, and checked afterwards. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from airdub.glossary import Term

STAND_IN = re.compile(r"XQZ(\d+)J", re.IGNORECASE)


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


def unmet(source: str, target: str, glossary: Sequence[Term]) -> list[Term]:
    """Terms that the source has and whose translation the target lacks."""
    return [
        term
        for term in glossary
        if term.spans(source) and term.target.casefold() not in target.casefold()
    ]
