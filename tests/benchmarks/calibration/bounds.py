"""Bounds from the values of clean dubs: pure."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from statistics import median

from airdub.metrics import TITLE, Direction, MetricTable, load_metrics
from airdub.model import Document

Bounds = dict[str, dict[str, float]]
"""By metric: `least`, `most`, `worst_least`, `worst_most`."""


class Spread(Document):
    """How a bound is made from values.

    Attributes:
        q: quantile of the values that is taken for the worst, from the bad end.
        margin: how far the bound lies beyond it, in distances of it to the median.
        step: what the bound is rounded outwards to.
        at_least: least distance of the bound from the median.
    """

    q: float = 0.0
    margin: float
    step: float
    at_least: float


class Rule(Document):
    """A metric's rule: for titles, and for single lines if they are gated."""

    title: Spread
    line: Spread | None = None


def values_of(tables: Iterable[MetricTable], metric: str) -> tuple[list[float], list[float]]:
    """Numbers of titles and of lines; absent ones and words are left out."""
    rows = [row for table in tables for row in table.rows if row.metric == metric]
    numbers = [(row.scope, row.value) for row in rows if isinstance(row.value, float)]
    titles = [value for scope, value in numbers if scope == TITLE]
    return titles, [value for scope, value in numbers if scope != TITLE]


def bounds_of(
    metric: str, rule: Rule, titles: Sequence[float], lines: Sequence[float]
) -> dict[str, float]:
    """The metric's bounds; none where nothing was measured."""
    direction = load_metrics()[metric].direction
    found: dict[str, float] = {}
    if titles:
        if direction is not Direction.HIGHER:
            found["most"] = outwards(titles, rule.title, up=True)
        if direction is not Direction.LOWER:
            found["least"] = outwards(titles, rule.title, up=False)
    if lines and rule.line:
        up = direction is Direction.LOWER
        found["worst_most" if up else "worst_least"] = outwards(lines, rule.line, up=up)
    return found


def outwards(values: Sequence[float], spread: Spread, *, up: bool) -> float:
    """A bound beyond the worst of the values: above them, or below."""
    sign = 1 if up else -1
    bad = sorted((sign * value for value in values), reverse=True)
    worst, middle = bad[int(spread.q * len(bad))], median(bad)
    bound = max(worst + spread.margin * (worst - middle), middle + spread.at_least)
    steps = math.ceil(round(bound / spread.step, 9))
    return float(sign * steps * Decimal(str(spread.step)))


def rewritten(gates: str, bounds: Bounds) -> str:
    """The gate file with these bounds in place of its own; all else stays as it is.

    Raises:
        ValueError: a metric or bound has no place in the file.
    """
    for metric, numbers in bounds.items():
        for name, value in numbers.items():
            place = rf"^(  {metric}: \{{.*?\b{name}: )(-?[\d.]+)"
            gates, found = re.subn(place, rf"\g<1>{value:g}", gates, flags=re.MULTILINE)
            if found != 1:
                raise ValueError(f"{metric} has no {name} in the gate file")
    return gates
