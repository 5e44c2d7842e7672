"""A translated sentence divided among the segments that it came from. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise

from airdub.subtitles.breaking import ReadingRules, break_cost, unbreakable
from model_images.translate.glossary import numbers_in

_TIME = 2.4
"""So a break a quarter of the sentence away from its time costs what one within a phrase does."""


def divide(
    text: str, shares: Sequence[float], owned: Sequence[int], rules: ReadingRules
) -> list[str] | None:
    """A part for each segment: as long as its share of the time, broken where a reader pauses.

    Args:
        text: the translation, its terms still stand-ins, those of each segment after those before.
        shares: of the sentence's time, by segment; they may be of any sum.
        owned: how many of the stand-ins are each segment's: they come out in its part.
        rules: how the target language is read.

    Returns:
        None where no division gives every segment words and its own terms.
    """
    tokens = unbreakable(text, rules)
    ends = list(accumulate(map(len, tokens), initial=0))
    due = [ends[-1] * share / sum(shares) for share in accumulate(shares)]
    limits = list(accumulate(owned))
    terms = [(at, number) for at, token in enumerate(tokens) for number in numbers_in(token)]
    breaks = [0]
    for part in range(1, len(shares)):
        own = limits[part - 1]
        first = max([breaks[-1] + 1, *(at + 1 for at, number in terms if number < own)])
        last = min(
            [len(tokens) - (len(shares) - part), *(at for at, number in terms if number >= own)]
        )
        if first > last:
            return None
        breaks.append(min(range(first, last + 1), key=_cost(tokens, ends, due[part - 1], rules)))
    if breaks[-1] >= len(tokens):
        return None
    return ["".join(tokens[one:other]).strip() for one, other in pairwise([*breaks, len(tokens)])]


def _cost(
    tokens: Sequence[str], ends: Sequence[int], due: float, rules: ReadingRules
) -> Callable[[int], float]:
    def cost(at: int) -> float:
        return _TIME * ((ends[at] - due) / ends[-1]) ** 2 + break_cost(tokens, at, rules)

    return cost
