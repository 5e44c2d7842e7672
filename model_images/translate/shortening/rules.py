"""What a shortening rule is, and what none of them may change. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_SENTENCE_START = re.compile(r"(?:^|[.!?…:]\s)\W*$")


@dataclass(frozen=True)
class Rule:
    """A pattern, and what is said instead of its group `said`.

    Attributes:
        not_after: found in the text before it, it forbids the rule there.
    """

    pattern: re.Pattern[str]
    instead: str = ""
    not_after: re.Pattern[str] | None = None

    @classmethod
    def phrase(cls, phrase: str, instead: str = "", *, not_after: str = "") -> Rule:
        """Whole words instead of whole words, in any case.

        Args:
            phrase: a regular expression.
            instead: may name groups of it: `\\g<who>'ll`.
            not_after: a regular expression of words that must not stand right before it.
        """
        return cls(
            re.compile(rf"(?<![\w'’-])(?P<said>{phrase})(?![\w'’-])", re.IGNORECASE),
            instead,
            re.compile(rf"\b(?:{not_after})\s+$", re.IGNORECASE) if not_after else None,
        )

    @classmethod
    def fillers(cls, fillers: Iterable[str]) -> tuple[Rule, ...]:
        """Without words that say nothing: at a sentence's start, between commas, at its end."""
        words = "|".join(sorted(fillers, key=len, reverse=True))
        return (
            cls(re.compile(rf"(?:^|[.!?…]\s)\W*(?P<said>(?:{words}),\s*)", re.IGNORECASE)),
            cls(re.compile(rf"(?P<said>,\s*(?:{words}),)(?=\s)", re.IGNORECASE)),
            cls(re.compile(rf"(?P<said>,\s*(?:{words}))(?=[.!?…])", re.IGNORECASE)),
        )

    def applied(self, text: str) -> Iterator[str]:
        """The text with the rule applied at one place after the other, each by itself."""
        for found in self.pattern.finditer(text):
            start, end = found.span("said")
            if self.not_after and self.not_after.search(text[:start]):
                continue
            rest = found.expand(self.instead) + text[end:]
            yield _tidy(text[:start] + (_capital(rest) if text[start].isupper() else rest))


@dataclass(frozen=True)
class Rulebook:
    """A language's rules.

    Attributes:
        rules: the most harmless first.
        negations: words that say no, and ends of words that do.
        numbers: words that are numbers.
    """

    rules: tuple[Rule, ...]
    negations: re.Pattern[str]
    numbers: frozenset[str]

    def keeps(self, before: str, after: str) -> bool:
        """Whether numbers, names and negation are all still there, and words are left."""
        names = self._names(before) <= {word.removesuffix("'s") for word in _words(after)}
        return names and self._facts(before) == self._facts(after) and bool(_words(after))

    def _facts(self, text: str) -> Counter[str]:
        """Numbers, and how often it says no."""
        return Counter(
            "no" if self.negations.search(word) else word
            for word in _words(text)
            if self.negations.search(word)
            or word in self.numbers
            or any(char.isdigit() for char in word)
        )

    def _names(self, text: str) -> set[str]:
        """Words with a capital inside of sentences."""
        return {
            found[0].casefold().replace("’", "'").removesuffix("'s")
            for found in _WORD.finditer(text)
            if found[0][0].isupper()
            and not re.match(r"I\b", found[0])
            and not _SENTENCE_START.search(text[: found.start()])
        }


def _words(text: str) -> list[str]:
    return [word.casefold().replace("’", "'") for word in _WORD.findall(text)]


def _capital(text: str) -> str:
    """The text with its first letter as a capital."""
    at = next((at for at, char in enumerate(text) if char.isalpha()), None)
    return text if at is None else text[:at] + text[at].upper() + text[at + 1 :]


def _tidy(text: str) -> str:
    """Single spaces, none before a sign."""
    return re.sub(r"\s+(?=[,.;:!?…])", "", " ".join(text.split()))
