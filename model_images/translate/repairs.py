"""A failed line said otherwise: by another engine, or in fewer syllables. Pure but for counting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pydantic import Field

from airdub.model import Document
from airdub.requests import EngineRef
from model_images.translate.shortening import shorten

SHORTENED = "shortened"


class LineChange(Document):
    """How a repaired line is written (see `airdub.repair.LineRepair`).

    Attributes:
        engine: one whose line is tried too; None tries none.
        syllable_factor: wanted syllables over those of the line as it was; None: any length.
    """

    engine: EngineRef | None = None
    syllable_factor: float | None = Field(default=None, ge=0.1, lt=1)


@dataclass(frozen=True)
class Wording:
    """What is said, and how it was found (`Line.method`)."""

    text: str
    method: str


def reworded(
    first: Wording,
    other: Wording | None,
    change: LineChange,
    language: str,
    count: Callable[[str], int],
) -> Wording:
    """The line of a repair.

    To be shorter, the line's own words are kept as far as rules can shorten them; then the other
    engine's line is taken, then that one shortened. What isn't short enough may still be the
    shortest. A line that was there never disappears.

    Args:
        first: the line as it was.
        other: by the repair's engine; None, or without text, where it has none.
        language: BCP-47, of the lines.
        count: syllables of a text.
    """
    written = [one for one in (first, other) if one and one.text]
    if change.syllable_factor is None or not written:
        return written[-1] if written else first
    budget = max(1, int(change.syllable_factor * count(written[0].text)))
    shorter = [_shortened(one, language, budget, count) for one in written]
    ways = [shorter[0], *written[1:], *shorter[1:]]
    fitting = (way for way in ways if count(way.text) <= budget)
    return next(fitting, min(ways, key=lambda way: count(way.text)))


def _shortened(
    wording: Wording, language: str, budget: int, count: Callable[[str], int]
) -> Wording:
    text = shorten(wording.text, language, budget, count)
    method = wording.method if text == wording.text else f"{wording.method}, {SHORTENED}"
    return Wording(text, method)
