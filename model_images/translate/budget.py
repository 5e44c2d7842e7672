"""Syllable budgets: how much can be said in a line's place at an easy rate. Pure."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence

from airdub.languages import base_language
from airdub.timing import DEFAULT_LIMITS
from airdub.transcript import Segment
from airdub.units import CLOCK_HZ

TOLERANCE = 0.1

SYLLABLES_PER_S = {
    "de": 5.97,
    "en": 6.19,
    "es": 7.82,
    "fr": 7.18,
    "it": 6.99,
    "ja": 7.84,
    "vi": 5.22,
    "zh": 5.18,
}
"""Mean syllable rates of read speech: Pellegrino, Coupe & Marsico 2011, Language 87(3), table 1."""

_OTHER = 6.55
"""The mean of the eight."""

_MOST_BORROWED = CLOCK_HZ
"""A line may run on into at most one second of silence."""


def slots(segments: Sequence[Segment], duration: int) -> list[int]:
    """Ticks that each line may fill: its speech and the silence up to the next onset.

    A breath is left before the next onset; speech of others that overlaps already doesn't count.
    """
    onsets = sorted(segment.start for segment in segments)
    found = []
    for segment in segments:
        following = bisect_left(onsets, segment.end)
        next_onset = onsets[following] if following < len(onsets) else duration
        limit = next_onset - DEFAULT_LIMITS.breath
        end = max(segment.end, min(limit, segment.end + _MOST_BORROWED))
        found.append(end - segment.start)
    return found


def syllable_budget(slot: int, language: str) -> int:
    """Syllables that fit a slot of that many ticks at the language's mean rate; at least one."""
    rate = SYLLABLES_PER_S.get(base_language(language), _OTHER)
    return max(1, math.floor(slot * rate / CLOCK_HZ))


def is_over(syllables: int, budget: int) -> bool:
    """Whether a line is longer than its budget by more than the tolerance."""
    return syllables > budget * (1 + TOLERANCE)
