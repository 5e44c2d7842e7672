"""Break subtitle text into lines and cues: widths by script, breaks where a reader pauses. Pure.

Lengths and speeds: Latin script 42 characters a line and 17 a second (20 at most), Korean 16 and
12, Chinese 16 and 9, Japanese 13 and 4; two lines a cue. A wide (East Asian) character counts 1 and
a narrow one 1/2 where wide ones are the rule; elsewhere each counts 1. Combining marks count 0.
"""

from __future__ import annotations

import math
import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise

from airdub.languages import base_language

LINES = 2


@dataclass(frozen=True)
class ReadingRules:
    """How subtitles in a language are read.

    Attributes:
        line_width: characters a line.
        speed, top_speed: characters a second that are comfortable, and the most allowed.
        wide: characters are as wide as high (Chinese, Japanese, Korean).
        blanks: words are parted by blanks; else a line may break between any two characters.
    """

    line_width: int = 42
    speed: int = 17
    top_speed: int = 20
    wide: bool = False
    blanks: bool = True


_LATIN = ReadingRules()
_RULES = {
    "ko": ReadingRules(16, 12, 12, wide=True),
    "zh": ReadingRules(16, 9, 9, wide=True, blanks=False),
    "yue": ReadingRules(16, 9, 9, wide=True, blanks=False),
    "ja": ReadingRules(13, 4, 4, wide=True, blanks=False),
    **dict.fromkeys(("th", "lo", "km", "my"), ReadingRules(blanks=False)),
}

# Kinsoku: what may not begin a line, and what may not end one.
_NO_START = set(
    "、。，．・：；？！゛゜ヽヾゝゞ々ー―…‥）〕］｝〉》」』】,.!?:;)]}%〟’”~～〜"
    "ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ"
)
_NO_END = set("（〔［｛〈《「『【([{〝‘“$#")
_HIRAGANA = re.compile("[\u3041-\u309f]")
_PAUSE = re.compile(r"[.!?…。！？][\"'”’»」』)\]]*$")
_HALF_PAUSE = re.compile(r"[,;:，、；：—–][\"'”’»」』)\]]*$")


@lru_cache(maxsize=64)
def reading_rules(language: str) -> ReadingRules:
    """The rules of a language.

    Raises:
        InvalidInput: unknown language.
    """
    return _RULES.get(base_language(language), _LATIN)


def width(text: str, rules: ReadingRules) -> float:
    """Characters as the rules count them."""
    return sum(_char_width(char, rules.wide) for char in text)


def break_lines(text: str, rules: ReadingRules) -> tuple[str, ...] | None:
    """The text in one or two lines of nearly equal length; None when it does not fit."""
    if width(text, rules) <= rules.line_width:
        return (text,)
    if width(text, rules) > LINES * rules.line_width + 1:  # the blank at the break is not shown
        return None
    lines = _partition(unbreakable(text, rules), LINES, rules)
    fits = lines is not None and all(width(line, rules) <= rules.line_width for line in lines)
    return tuple(lines) if lines and fits else None


def break_cues(text: str, rules: ReadingRules, at_least: int = 1) -> list[tuple[str, ...]]:
    """The text in as many cues as it needs, each one or two lines.

    Args:
        text: single line, blanks tidied, not empty.
        at_least: cues wanted (fewer when there are not that many words).
    """
    tokens = unbreakable(text, rules)
    needed = math.ceil(width(text, rules) / (LINES * rules.line_width))
    first = min(max(at_least, needed, 1), len(tokens))
    for count in range(first, 2 * first + 3):
        pieces = _partition(tokens, count, rules) or []
        cues = [break_lines(piece, rules) for piece in pieces]
        fitting = [cue for cue in cues if cue is not None]
        if cues and len(fitting) == len(cues):
            return fitting
    return _filled(tokens, rules)


def _char_width(char: str, wide: bool) -> float:
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0.0
    return 0.5 if wide and unicodedata.east_asian_width(char) not in "WFA" else 1.0


@lru_cache(maxsize=4096)
def unbreakable(text: str, rules: ReadingRules) -> tuple[str, ...]:
    """Unbreakable pieces, each with the blank that follows it; none wider than a line."""
    words = re.findall(r"\S+\s*", text)
    if not rules.blanks:
        words = [piece for word in words for piece in _between_characters(word)]
    return tuple(piece for word in words for piece in _cut(word, rules))


def _between_characters(word: str) -> list[str]:
    """Cut between any two characters save where kinsoku, a Latin word or a mark forbids it."""
    pieces: list[str] = []
    for char in word:
        last = pieces[-1][-1] if pieces else ""
        attached = char.isspace() or char in _NO_START or unicodedata.category(char)[0] == "M"
        same_word = last.isascii() and char.isascii() and last.isalnum() and char.isalnum()
        if pieces and (attached or last in _NO_END or same_word):
            pieces[-1] += char
        else:
            pieces.append(char)
    return pieces


def _cut(word: str, rules: ReadingRules) -> list[str]:
    """A word that is wider than a line, cut to lines."""
    pieces = [""]
    for char in word:
        if pieces[-1] and width((pieces[-1] + char).rstrip(), rules) > rules.line_width:
            pieces.append("")
        pieces[-1] += char
    return pieces


def _filled(tokens: Sequence[str], rules: ReadingRules) -> list[tuple[str, ...]]:
    """Cues whose lines are filled one after the other: ugly, but every text can be."""
    lines = [""]
    for token in tokens:
        if lines[-1] and width((lines[-1] + token).rstrip(), rules) > rules.line_width:
            lines.append("")
        lines[-1] += token
    lines = [line.strip() for line in lines]
    return [tuple(lines[at : at + LINES]) for at in range(0, len(lines), LINES)]


def _partition(tokens: Sequence[str], parts: int, rules: ReadingRules) -> list[str] | None:
    """Tokens in `parts` runs of even width that end, if possible, where a reader pauses.

    Dynamic programming over the breaks within a line's width of the even ones. A run costs its
    squared relative distance from the mean width, a break how ill it suits a reader.
    """
    ends = list(accumulate((width(token, rules) for token in tokens), initial=0.0))
    mean = ends[-1] / parts or 1.0  # marks alone have no width
    slack = max(mean, float(rules.line_width))
    reached: list[dict[int, tuple[float, int]]] = [{0: (0.0, 0)}]
    for part in range(1, parts + 1):
        first = bisect_left(ends, mean * part - slack) if part < parts else len(tokens)
        last = bisect_right(ends, mean * part + slack) if part < parts else len(tokens) + 1
        reached.append({})
        for end in range(first, last):
            ways = [
                (cost + ((ends[end] - ends[start] - mean) / mean) ** 2, start)
                for start, (cost, _) in reached[part - 1].items()
                if start < end
            ]
            if ways:
                cost, start = min(ways)
                reached[part][end] = (cost + break_cost(tokens, end, rules), start)
    if len(tokens) not in reached[parts]:
        return None
    breaks = [len(tokens)]
    for part in range(parts, 0, -1):
        breaks.append(reached[part][breaks[-1]][1])
    return ["".join(tokens[start:end]).strip() for start, end in pairwise(breaks[::-1])]


def break_cost(tokens: Sequence[str], end: int, rules: ReadingRules) -> float:
    """How ill a break suits a reader: 0 after a sentence, most within a phrase or a word."""
    if end == len(tokens):
        return 0.0
    before, after = tokens[end - 1].strip(), tokens[end]
    if _PAUSE.search(before):
        return 0.0
    if _HALF_PAUSE.search(before):
        return 0.05
    if rules.blanks or tokens[end - 1] != before:
        # better not part an article or a preposition from its noun
        return 0.3 if len(before) <= 3 and before.isalpha() and before.isascii() else 0.15
    # Japanese phrases end in hiragana, and the next begins with another script
    return 0.2 if _HIRAGANA.match(before[-1]) and not _HIRAGANA.match(after) else 0.5
