"""Reports for tests: small, and with everything in them."""

from __future__ import annotations

from typing import Any

from airdub.queue.documents import FailureCount, RequestState
from airdub.reports.documents import (
    DayCount,
    MetricSample,
    OutcomeCount,
    Scope,
    StageCost,
    StageSample,
    TitleCost,
)
from airdub.reports.gathering import Report

SCOPE = Scope(since="2026-11-01T00:00:00.000000Z", until="2026-11-21T12:00:00.000000Z")


def cost(language: str, stage: str, *, uses: int, cached: int, wall_s: float, gpu_s: float) -> Any:
    """What a stage cost; finding it saved ten seconds each time."""
    return StageCost(
        language=language, stage=stage, engine=f"{stage}-engine", uses=uses, cached=cached,
        wall_s=wall_s, gpu_s=gpu_s, saved_s=cached * 10.0,
    )  # fmt: skip


def stage(name: str, wall_s: float, *, cached: bool = False) -> StageSample:
    """A stage of a run."""
    return StageSample(
        run_id="r", language="es", stage=name, engine="e", cached=cached, wall_s=wall_s, gpu_s=0.0
    )


def report(**changes: Any) -> Report:
    """A report of two languages and days."""
    fields: dict[str, Any] = {
        "scope": SCOPE,
        "costs": (
            cost("es", "probe", uses=4, cached=1, wall_s=7200.0, gpu_s=0.0),
            cost("es", "lipsync", uses=4, cached=4, wall_s=0.0, gpu_s=0.0),
            cost("fr", "lipsync", uses=2, cached=0, wall_s=3600.0, gpu_s=1800.0),
        ),
        "titles": (
            TitleCost(title_id="a", language="fr", runs=2, wall_s=3600.0, gpu_s=1800.0),
            TitleCost(title_id="b", language="es", runs=1, wall_s=7200.0, gpu_s=0.0),
        ),
        "days": (
            DayCount(day="2026-11-01", what="APPROVED", count=3),
            DayCount(day="2026-11-02", what="REJECTED", count=1),
        ),
        "released": (DayCount(day="2026-11-02", what="published", count=2),),
        "outcomes": (
            OutcomeCount(metric="mos", outcome="absent", count=4),
            OutcomeCount(metric="word_error_rate", outcome="fail", count=1),
            OutcomeCount(metric="word_error_rate", outcome="pass", count=3),
        ),
        "stages": (stage("mux", 2.0), stage("probe", 1.0), stage("mux", 9.0, cached=True)),
        "metrics": tuple(
            MetricSample(metric="word_error_rate", unit="ratio", language="es", value=value)
            for value in (0.1, 0.2, 0.3)
        ),
        "failures": (
            FailureCount(
                state=RequestState.FAILED, reason="<script>alert(1)</script>", count=7, example="x"
            ),
        ),
    }
    return Report(**{**fields, **changes})


EMPTY = dict.fromkeys(
    ("costs", "titles", "days", "released", "outcomes", "stages", "metrics", "failures"), ()
)
