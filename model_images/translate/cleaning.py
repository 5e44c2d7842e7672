"""Clean-up of what engines write: white space and repeats that nobody said. Pure."""

from __future__ import annotations

import re
import unicodedata

_RUNS = 4
"""A phrase this often in a row is a loop of the engine, unless the source repeats itself too."""

_LONGEST = 8
_SENTENCE_END = re.compile(r"(?<=[.!?…。！？])\s+")


def clean(text: str, source: str) -> str:
    """The text on one line, without control characters and loops.

    Args:
        source: the original line; a line that repeats itself may be translated by one that does.
    """
    flat = fold(text)
    if not repeats(source):
        flat = without_loops(flat)
    return flat if _has_twins(fold(source)) else _without_twins(flat)


def fold(text: str) -> str:
    """Normal form C on one line, single spaces, no control or invisible characters.

    Joiners stay: several scripts need them.
    """
    visible = "".join(
        " " if unicodedata.category(char) in ("Cc", "Zl", "Zp") else char
        for char in unicodedata.normalize("NFC", text)
        if unicodedata.category(char) != "Cf" or char in "\u200c\u200d"
    )
    return " ".join(visible.split())


def repeats(text: str) -> bool:
    """Whether some phrase stands four times or more in a row."""
    flat = fold(text)
    return without_loops(flat) != flat


def without_loops(text: str) -> str:
    """Each phrase of up to eight words that stands four times or more in a row, once.

    Scripts without spaces are read by characters, where a phrase has at least two.
    """
    words = text.split()
    if len(words) < _RUNS:
        return re.sub(rf"(.{{2,40}}?)\1{{{_RUNS - 1},}}", r"\1", text)
    for size in range(1, _LONGEST + 1):
        words = _collapse(words, size)
    return " ".join(words)


def _collapse(words: list[str], size: int) -> list[str]:
    made: list[str] = []
    at = 0
    while at < len(words):
        phrase = _plain(words[at : at + size])
        count = 1
        while _plain(words[at + count * size : at + (count + 1) * size]) == phrase:
            count += 1
        if count >= _RUNS and len(phrase) == size:
            made += words[at + (count - 1) * size : at + count * size]
            at += count * size
        else:
            made.append(words[at])
            at += 1
    return made


def _plain(words: list[str]) -> list[str]:
    return [word.casefold().strip(".,;:!?…¿¡") for word in words]


def _sentences(text: str) -> list[str]:
    return _SENTENCE_END.split(text)


def _has_twins(text: str) -> bool:
    return _without_twins(text) != text


def _without_twins(text: str) -> str:
    """The text without a sentence of three words or more right after its equal."""
    kept: list[str] = []
    for sentence in _sentences(text):
        twin = bool(kept) and kept[-1].casefold() == sentence.casefold()
        if not (twin and len(sentence.split()) > 2):
            kept.append(sentence)
    return " ".join(kept)
