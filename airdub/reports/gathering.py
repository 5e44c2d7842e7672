"""Everything that a report says, read from the catalogue once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from airdub.queue.documents import FailureCount
from airdub.reports.documents import (
    DayCount,
    MetricSample,
    OutcomeCount,
    Scope,
    StageCost,
    StageSample,
    TitleCost,
)

if TYPE_CHECKING:
    from airdub.catalog import Catalog

LATEST_RUNS = 1000
"""From how many runs distributions are drawn; sums are over all runs of the scope."""

MOST_TITLES = 10_000
"""Titles of which the cost is listed or drawn, the dearest first."""


@dataclass(frozen=True)
class Report:
    """What was done and what it cost.

    Attributes:
        scope: which runs it is about.
        costs: by language, stage and engine.
        titles: the dearest first.
        days: decisions of the gate, by day.
        released: releases, by day.
        outcomes: how blocking thresholds were met.
        stages, metrics: of the latest runs.
        failures: of all requests, whatever the scope.
    """

    scope: Scope
    costs: tuple[StageCost, ...]
    titles: tuple[TitleCost, ...]
    days: tuple[DayCount, ...]
    released: tuple[DayCount, ...]
    outcomes: tuple[OutcomeCount, ...]
    stages: tuple[StageSample, ...]
    metrics: tuple[MetricSample, ...]
    failures: tuple[FailureCount, ...]

    @property
    def runs(self) -> int:
        """How many runs were judged."""
        return sum(day.count for day in self.days)


@dataclass(frozen=True)
class Sum:
    """What stages cost together.

    Attributes:
        name: of what they have in common.
    """

    name: str
    uses: int
    cached: int
    wall_s: float
    gpu_s: float
    saved_s: float

    @property
    def cached_share(self) -> float:
        """Of the uses, 0 to 1."""
        return self.cached / self.uses if self.uses else 0.0


def gather(catalog: Catalog, scope: Scope) -> Report:
    """Read what a report about the scope says."""
    return Report(
        scope=scope,
        costs=tuple(catalog.stage_costs(scope)),
        titles=tuple(catalog.title_costs(scope, most=MOST_TITLES)),
        days=tuple(catalog.decisions_per_day(scope)),
        released=tuple(catalog.releases_per_day(scope)),
        outcomes=tuple(catalog.gate_outcomes(scope)),
        stages=tuple(catalog.stage_samples(scope, most=LATEST_RUNS)),
        metrics=tuple(catalog.metric_samples(scope, most=LATEST_RUNS)),
        failures=tuple(catalog.failure_reasons()),
    )


def sums(costs: Iterable[StageCost], name: Callable[[StageCost], str]) -> list[Sum]:
    """Costs that have a name in common, the dearest first: by GPU seconds, then by seconds."""
    found: dict[str, Sum] = {}
    for one in costs:
        known = found.get(name(one)) or Sum(name(one), 0, 0, 0.0, 0.0, 0.0)
        found[known.name] = Sum(
            known.name,
            known.uses + one.uses,
            known.cached + one.cached,
            known.wall_s + one.wall_s,
            known.gpu_s + one.gpu_s,
            known.saved_s + one.saved_s,
        )
    return sorted(found.values(), key=lambda one: (-one.gpu_s, -one.wall_s, one.name))
