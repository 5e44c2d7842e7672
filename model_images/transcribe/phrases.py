"""Cuts speech spans into phrases short enough for a recogniser. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from airdub.speech import SpeechSpans
from airdub.transcript import Word
from airdub.units import ms_to_ticks

JOIN = ms_to_ticks(300)
"""Spans nearer to each other than this belong to one phrase."""

LONGEST = ms_to_ticks(12_000)
"""A phrase is cut at this length where it has no pause."""

MARGIN = ms_to_ticks(250)
"""Sound given to the recogniser on both sides of a phrase."""

PAUSE = ms_to_ticks(450)
"""A silence between two words that ends an utterance."""


@dataclass(frozen=True)
class Phrase:
    """A stretch of sound for the recogniser, in ticks."""

    start: int
    end: int


def phrases(
    speech: SpeechSpans, duration: int, *, join: int = JOIN, longest: int = LONGEST
) -> list[Phrase]:
    """Phrases with their margins, in order and apart: neighbours share the pause between them."""
    joined: list[list[int]] = []
    for start, end in speech.spans:
        if joined and start - joined[-1][1] < join and end - joined[-1][0] <= longest:
            joined[-1][1] = end
        else:
            joined.append([start, end])
    pieces = [piece for start, end in joined for piece in _cut(start, end, longest)]
    if not pieces:
        return []
    middles = [(one[1] + other[0]) // 2 for one, other in pairwise(pieces)]
    edges = [0, *middles, duration]
    return [
        Phrase(max(start - MARGIN, before), min(end + MARGIN, after))
        for (start, end), (before, after) in zip(pieces, pairwise(edges), strict=True)
    ]


def _cut(start: int, end: int, longest: int) -> list[tuple[int, int]]:
    count = -(-(end - start) // longest)
    edges = [start + (end - start) * number // count for number in range(count + 1)]
    return list(pairwise(edges))


def utterances(words: Sequence[Word]) -> list[tuple[Word, ...]]:
    """Words in runs that are parted by pauses."""
    runs: list[list[Word]] = []
    for word in words:
        if runs and word.start - runs[-1][-1].end < PAUSE:
            runs[-1].append(word)
        else:
            runs.append([word])
    return [tuple(run) for run in runs]


def as_sentence(words: Sequence[Word]) -> str:
    """Words as a sentence: recognisers without punctuation write none, voices need its end."""
    spoken = ["I" + word.text[1:] if _is_i(word.text) else word.text for word in words]
    text = " ".join(spoken)
    return f"{text[:1].upper()}{text[1:]}."


def _is_i(word: str) -> bool:
    return word == "i" or word.startswith("i'")
