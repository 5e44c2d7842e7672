"""What judged runs cost and how they were judged, summed up by the database."""

from __future__ import annotations

from typing import Any

from airdub.catalog.claims import ids
from airdub.catalog.patterns import like_pattern
from airdub.catalog.session import Session
from airdub.gates.verdict import DECISIONS, Consequence
from airdub.reports.documents import (
    DayCount,
    MetricSample,
    OutcomeCount,
    Scope,
    StageCost,
    StageSample,
    TitleCost,
)


class Costs(Session):
    """Sums over the runs of a scope, and samples of its latest ones.

    A run is counted once it was judged: what a run spent that never came so far isn't in here.
    """

    def stage_costs(self, scope: Scope) -> list[StageCost]:
        """By language, stage and engine."""
        return [StageCost.model_validate(row) for row in self._run("stage_costs", **_of(scope))]

    def title_costs(self, scope: Scope, *, most: int = 1000) -> list[TitleCost]:
        """By title and language, the dearest first."""
        rows = self._run("title_costs", **_of(scope), most=most)
        return [TitleCost.model_validate(row) for row in rows]

    def decisions_per_day(self, scope: Scope) -> list[DayCount]:
        """Runs that were judged, by day and decision (`APPROVED` ...)."""
        found = []
        for row in self._run("decisions_per_day", **_of(scope)):
            what = DECISIONS[Consequence(row["what"])]
            found.append(DayCount.model_validate({**row, "what": what}))
        return found

    def releases_per_day(self, scope: Scope) -> list[DayCount]:
        """Releases by the day on which they were published."""
        return [DayCount.model_validate(row) for row in self._run("releases_per_day", **_of(scope))]

    def gate_outcomes(self, scope: Scope) -> list[OutcomeCount]:
        """How the blocking thresholds were met."""
        rows = self._run("gate_outcomes", **_of(scope))
        return [OutcomeCount.model_validate(row) for row in rows]

    def stage_samples(self, scope: Scope, *, most: int) -> list[StageSample]:
        """Stages of the latest `most` runs."""
        rows = self._run("stage_samples", ids=self._latest(scope, most))
        return [StageSample.model_validate(row) for row in rows]

    def metric_samples(self, scope: Scope, *, most: int) -> list[MetricSample]:
        """Values of the latest `most` runs that their gates block by."""
        rows = self._run("metric_samples", ids=self._latest(scope, most))
        return [MetricSample.model_validate(row) for row in rows]

    def _latest(self, scope: Scope, most: int) -> str:
        rows = self._run("latest_runs", **_of(scope), most=most)
        return ids(row["run_id"] for row in rows)


def _of(scope: Scope) -> dict[str, Any]:
    patterns = [name for name in scope.titles if {"*", "?"} & set(name)]
    return {
        "since": scope.since,
        "until": scope.until,
        "titles": ids(name.lower() for name in scope.titles if name not in patterns),
        "patterns": ids(like_pattern(name) for name in patterns),
        "series_id": scope.series,
        "language": scope.language,
        "states": ids(scope.states),
    }
