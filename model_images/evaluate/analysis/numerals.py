"""Numbers in texts, in digits or, where text2num knows the language, in words. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from text_to_num import alpha2digit

from airdub.languages import base_language

_IN_WORDS = frozenset({"de", "en", "es", "fr", "it", "nl", "pt"})
_SMALL = 3.0  # `one` and its like are articles, pronouns and `a second` more often than numbers
_NUMBER = re.compile(r"\d+(?:[.,'’\u00a0\u202f]\d{3})+(?!\d)|\d+[.,]\d+|\d+")
_THOUSANDS = re.compile(r"[.,'’\u00a0\u202f](?=\d{3}(?!\d))")
_PAIR = re.compile(r"(?<![\d.,])(\d{1,2})[ :](\d\d)(?![.,]?\d)")  # nineteen sixty-nine, 10:30
_SCALES = frozenset(Decimal(10) ** power for power in (3, 6, 9, 12))


def reads_words(language: str) -> bool:
    """Whether numbers that are written in words are found in this language (BCP-47)."""
    return base_language(language) in _IN_WORDS


def with_digits(text: str, language: str, *, threshold: float = _SMALL) -> str:
    """The text with its number words as digits; as it is where the language isn't known.

    Args:
        threshold: smaller numbers that stand alone stay words.
    """
    if not reads_words(language):
        return text
    return str(alpha2digit(text, base_language(language), threshold=threshold))


def numbers(text: str, language: str, *, small: bool) -> Counter[Decimal]:
    """How often each number stands in a text.

    `1,250` and `1.250` are the same, `3,5` and `3.5` too: three digits behind a mark are
    thousands. `5 million` is 5000000, `nineteen sixty-nine` 1969, `10:30` 1030, `3rd` 3.

    Args:
        small: whether words for numbers below 3 that stand alone count; digits always do.
    """
    read = with_digits(text, language, threshold=0 if small else _SMALL)
    return Counter(_scaled(_PAIR.sub(r"\1\2", read)))


def _scaled(text: str) -> Iterator[Decimal]:
    """Every number, times the scale (thousand, million, ...) that follows it after a blank."""
    before: tuple[int, Decimal] | None = None
    for match in _NUMBER.finditer(text):
        value = _value(match[0])
        if (
            before
            and value in _SCALES
            and before[1] < 1000
            and text[before[0] : match.start()] == " "
        ):
            yield before[1] * value
            before = None
            continue
        if before:
            yield before[1]
        before = (match.end(), value)
    if before:
        yield before[1]


def _value(digits: str) -> Decimal:
    return Decimal(_THOUSANDS.sub("", digits).replace(",", "."))
