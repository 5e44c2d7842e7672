"""Applying rules to a line until it is short enough. Pure."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module

from airdub.languages import base_language
from model_images.translate.shortening.rules import Rulebook

_BOOKS = {"en": "english", "es": "spanish"}


def shorten(text: str, language: str, budget: int, count: Callable[[str], int]) -> str:
    """The line in at most `budget` syllables, or as few as rules reach.

    Args:
        language: BCP-47.
        count: syllables of a text.

    Returns:
        The line itself where it is short enough or the language has no rules.
    """
    book = rulebook(base_language(language))
    shortest = text
    while book and count(shortest) > budget:
        shorter = _step(shortest, text, book, count)
        if shorter == shortest:
            break
        shortest = shorter
    return shortest


def _step(text: str, whole: str, book: Rulebook, count: Callable[[str], int]) -> str:
    """The text after the first rule that makes it shorter and keeps what the whole line says.

    What came before counts too: a name that now begins the sentence no longer looks like one.
    """
    syllables = count(text)
    for rule in book.rules:
        for made in rule.applied(text):
            if made != text and book.keeps(whole, made) and count(made) < syllables:
                return made
    return text


@cache
def rulebook(language: str) -> Rulebook | None:
    """The rules of a base language; None where it has none."""
    if language not in _BOOKS:
        return None
    book: Rulebook = import_module(f"{__package__}.{_BOOKS[language]}").BOOK
    return book
