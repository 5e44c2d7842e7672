"""Which texts a model is given: whole sentences, also those that run over several segments. Pure.

Translation models are trained on single sentences: of two at once they tend to drop one, and half
of one they misread. So a segment's text is cut at the ends of its sentences, and a sentence that
goes on in the next segment of the same speaker is put together.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from airdub.transcript import Segment
from airdub.units import CLOCK_HZ
from model_images.translate.glossary import STAND_IN, Protected, joined, part_of

LONGEST = 400
"""Characters of a sentence; what runs on is cut."""

_MOST_SEGMENTS = 4
_LONGEST_GAP = CLOCK_HZ  # ticks between two segments of one sentence

_CLOSED = r"[\"'”’»」』)\]]*"
_END = re.compile(rf"[.!?…؟।。！？]{_CLOSED}$")
_BREAK = re.compile(rf"(?<=[.!?…؟।]){_CLOSED}\s+|(?<=[。！？]){_CLOSED}(?=[^。！？\s])")
_ABBREVIATION = re.compile(r"(?:^|[\s.(])(?:[^\W\d_]|[A-ZÀ-Þ][^\W\d_]{1,3})\.$")
_HALF = re.compile(r"[,;:—–-]$")
_PAUSE = re.compile(r"[,;:，、；：—–]\s*|\s+")


@dataclass(frozen=True)
class Piece:
    """What one segment has of a sentence.

    Attributes:
        segment: its number.
        number: which piece of the segment it is.
        said: its text; terms are replaced by stand-ins.
        slot: ticks that its translation may fill.
    """

    segment: int
    number: int
    said: Protected
    slot: float


@dataclass(frozen=True)
class Sentence:
    """What is translated at once: pieces of consecutive segments, at most one of each.

    Attributes:
        glue: what stands between two of them.
    """

    pieces: tuple[Piece, ...]
    glue: str = " "

    @cached_property
    def said(self) -> Protected:
        """The whole."""
        return joined([piece.said for piece in self.pieces], self.glue)

    @property
    def slot(self) -> float:
        """Ticks that its translation may fill."""
        return sum(piece.slot for piece in self.pieces)

    @property
    def has_words(self) -> bool:
        """Whether anything but signs, numbers and terms is said."""
        return any(char.isalpha() for char in STAND_IN.sub("", self.said.text))

    def alone(self) -> list[Sentence]:
        """Each piece as a sentence of its own."""
        return [Sentence((piece,), self.glue) for piece in self.pieces]


def plan_sentences(
    texts: Sequence[Protected], segments: Sequence[Segment], slots: Sequence[int], glue: str
) -> list[Sentence]:
    """Every word of the texts in one sentence, in order.

    A transcript without any full stop doesn't tell where sentences end: none is put together.

    Args:
        texts: of the segments; one that is empty is passed over, and parts its neighbours.
        slots: ticks that the segments' translations may fill.
        glue: what the source language puts between words: a blank, or nothing.
    """
    has_ends = any(_END.search(text.text) for text in texts)
    planned: list[Sentence] = []
    for at, (text, slot) in enumerate(zip(texts, slots, strict=True)):
        for number, piece in enumerate(_pieces(at, text, slot)):
            last = planned[-1] if planned else None
            if has_ends and number == 0 and last and _goes_on(last, piece, segments):
                planned[-1] = Sentence((*last.pieces, piece), glue)
            else:
                planned.append(Sentence((piece,), glue))
    return planned


def cut_sentences(text: str) -> list[str]:
    """The text cut where sentences end, and where one is longer than `LONGEST`."""
    ends = [
        found.end()
        for found in _BREAK.finditer(text)
        if not _ABBREVIATION.search(text[: found.start()])
        and not _first_letter(text[found.end() :]).islower()
    ]
    cuts = [0, *ends, len(text)]
    whole = (text[one:other].strip() for one, other in pairwise(cuts))
    return [part for sentence in whole if sentence for part in _short_enough(sentence)]


def _pieces(at: int, text: Protected, slot: int) -> Iterator[Piece]:
    parts = cut_sentences(text.text)
    length = sum(map(len, parts))
    for number, part in enumerate(parts):
        yield Piece(at, number, part_of(part, text), slot * len(part) / length)


def _goes_on(before: Sentence, piece: Piece, segments: Sequence[Segment]) -> bool:
    last = before.pieces[-1]
    one, other = segments[last.segment], segments[piece.segment]
    return (
        piece.segment == last.segment + 1
        and one.speaker == other.speaker
        and one.kind == other.kind
        and other.start - one.end <= _LONGEST_GAP
        and len(before.pieces) < _MOST_SEGMENTS
        and len(before.said.text) + len(piece.said.text) < LONGEST
        and _is_open(last.said.text, piece.said.text)
    )


def _is_open(text: str, following: str) -> bool:
    """Whether a sentence that ends like `text` may go on like `following`."""
    if _END.search(text) or not _first_letter(text):
        return False
    first = _first_letter(following)
    return bool(first) and (bool(_HALF.search(text)) or not first.isupper())


def _first_letter(text: str) -> str:
    return next((char for char in text if char.isalnum()), "")


def _short_enough(sentence: str) -> Iterator[str]:
    """The sentence in about even parts, none longer than `LONGEST`, cut where one may pause."""
    while len(sentence) > LONGEST:
        even = len(sentence) / math.ceil(len(sentence) / LONGEST)
        at = _cut(sentence, even)
        yield sentence[:at].strip()
        sentence = sentence[at:].strip()
    yield sentence


def _cut(sentence: str, wanted: float) -> int:
    places = [found for found in _PAUSE.finditer(sentence) if wanted / 2 < found.end() <= LONGEST]
    if places:
        return min(places, key=lambda one: (one[0].isspace(), abs(one.end() - wanted))).end()
    within = (one for one in STAND_IN.finditer(sentence) if one.start() < wanted < one.end())
    return next((one.start() for one in within if one.start()), math.ceil(wanted))
