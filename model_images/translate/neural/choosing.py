"""Which candidate is said: the likeliest that fits its time. Pure but for counting."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from model_images.translate.budget import TOLERANCE
from model_images.translate.cleaning import fold, repeats
from model_images.translate.numbers import lost_numbers

_PRICE = 1.0
"""Mean log-probability that being too long by the whole budget costs: a candidate that is a tenth
shorter may be a tenth of a nat a token less likely, which is how far a beam's best ones differ."""


@dataclass(frozen=True)
class Candidate:
    """A translation of one sentence.

    Attributes:
        score: mean natural logarithm of its tokens' probabilities, 0 at best.
    """

    text: str
    score: float


def ranked(
    candidates: Sequence[Candidate], source: str, budget: int, count: Callable[[str], int]
) -> list[Candidate]:
    """Candidates, the best first; of equals the earlier one.

    Those without words and those that run in circles come last, before them those that lose a
    number of the source. Among the others a syllable too many has its price.

    Args:
        budget: syllables that fit.
        count: syllables of a text.
    """
    said = {one.text: one for one in reversed(candidates)}  # as often as it came, it counts once
    distinct = sorted(said.values(), key=lambda one: -one.score)
    if len(distinct) < 2:
        return distinct
    return sorted(distinct, key=lambda one: _badness(one, source, budget, count))


def _badness(
    candidate: Candidate, source: str, budget: int, count: Callable[[str], int]
) -> tuple[bool, int, float]:
    text = fold(candidate.text)
    useless = not any(map(str.isalnum, text)) or (repeats(text) and not repeats(source))
    excess = max(0.0, count(text) / budget - 1 - TOLERANCE) if not useless else 0.0
    return useless, len(lost_numbers(source, text)), _PRICE * excess - candidate.score
