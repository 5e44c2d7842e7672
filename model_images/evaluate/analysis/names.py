"""Names in texts: words with a capital that no sentence asks for. Pure."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from difflib import SequenceMatcher

from airdub.languages import base_language, language_name, script_of
from model_images.evaluate.analysis.wording import fold

_CASED = frozenset({"Latn", "Cyrl", "Grek", "Armn"})
_NOUNS_ARE_CAPITAL = frozenset({"de", "lb"})
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_SENTENCE_STARTS = re.compile(r"[.!?…:;¡¿\"“”„«»()\[\]—–\n]|(?:^|\s)-")
_TITLES = frozenset({"mr", "mrs", "ms", "dr", "st", "sr", "sra", "srta", "d", "dª", "m", "mme"})
_CAPITAL_IN_ENGLISH = frozenset(
    {fold(word) for word in (*calendar.day_name, *calendar.month_name) if word}
    | {"miss", "sir", "madam", "god"}
)
_ALIKE = 0.6


def why_no_names(source: str, target: str) -> str:
    """Why names can't be followed from a language to another; "" when they can."""
    if script_of(source) not in _CASED:
        return f"{language_name(source)} has no capital letters to tell names by"
    if base_language(source) in _NOUNS_ARE_CAPITAL:
        return f"{language_name(source)} writes every noun with a capital, not only names"
    if script_of(source) != script_of(target):
        return f"{language_name(target)} spells names in another script"
    return ""


def names(text: str, language: str) -> list[str]:
    """Words with a capital within a sentence, without what English writes so anyway (`Monday`).

    A text in capitals shows no names. A name that begins a sentence can't be told from a word.
    """
    if not any(char.islower() for char in text):
        return []
    in_english = base_language(language) == "en"
    return [
        word
        for word in _capitals_within_sentences(text)
        if fold(word) not in _TITLES and not (in_english and fold(word) in _CAPITAL_IN_ENGLISH)
    ]


def _capitals_within_sentences(text: str) -> Iterator[str]:
    before, end = "", 0
    for match in _WORD.finditer(text):
        word, between = match[0], text[end : match.start()]
        starts = not before or _SENTENCE_STARTS.search(between)
        is_titled = before in _TITLES and between == ". "
        if word[0].isupper() and len(word) > 1 and (is_titled or not starts):
            yield word
        before, end = fold(word), match.end()


def holds(text: str, name: str) -> bool:
    """Whether a text has the name, or a word that begins alike: `María` and `Mary`, `Londres` and
    `London`; accents and case don't count.
    """
    wanted = fold(name)
    return any(_alike(fold(word), wanted) for word in _WORD.findall(text))


def _alike(word: str, name: str) -> bool:
    return word[0] == name[0] and SequenceMatcher(None, word, name).ratio() > _ALIKE
