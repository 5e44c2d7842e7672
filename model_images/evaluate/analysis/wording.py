"""Texts made comparable: the words that are said, however they are spelled. Pure."""

from __future__ import annotations

import re
import unicodedata
from itertools import groupby

import jiwer

from airdub.languages import base_language
from model_images.evaluate.analysis.numerals import with_digits

UNSPACED = frozenset({"zh", "yue", "ja", "th", "lo", "km", "my"})
"""Languages without blanks between words: their words are characters here, and WER is CER."""

_APOSTROPHES = str.maketrans(dict.fromkeys("’‘ʼ´`", "'"))
_SYMBOLS = str.maketrans({"%": " percent ", "&": " and ", "+": " plus ", "=": " equals "})
_DOLLARS = re.compile(r"\$\s?(\d[\d.,]*)")
_expand_contractions = jiwer.ExpandCommonEnglishContractions()


def tokens(text: str, language: str) -> list[str]:
    """The words of a text as a recogniser and a script can agree on them.

    Case, punctuation and the difference between `25` and `twenty-five` are gone (text2num, where it
    knows the language); numbers in a row are one word, so that no way of reading 1969 is wrong. In
    English `can't` is `can not` (jiwer) and `café` is `cafe`.

    Args:
        language: BCP-47.
    """
    base = base_language(language)
    plain = unicodedata.normalize("NFKC", text).casefold().translate(_APOSTROPHES)
    if base == "en":
        plain = _plain_english(plain)
    words = re.findall(r"[^\W_]+", with_digits(plain, language, threshold=0))
    if base in UNSPACED:
        return [character for word in words for character in word]
    return _numbers_joined(words)


def fold(text: str) -> str:
    """Lower case without accents: `María` -> `maria`."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in apart if not unicodedata.combining(char))


def _plain_english(text: str) -> str:
    spoken = _DOLLARS.sub(r"\1 dollars", fold(text)).translate(_SYMBOLS)
    return str(_expand_contractions(spoken))


def _numbers_joined(words: list[str]) -> list[str]:
    joined: list[str] = []
    for is_number, group in groupby(words, str.isdecimal):
        run = list(group)
        joined += ["".join(run)] if is_number else run
    return joined
