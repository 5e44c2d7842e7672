"""Numbers for whoever watches Airflow's own: through its StatsD or OpenTelemetry, off by default.

Tags are of few values (stage, engine, error class, language): never a title or a run.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from airflow.sdk.observability import stats

if TYPE_CHECKING:
    from airdub.errors import AirdubError
    from airdub.requests import StageResult


def count_stage(result: StageResult, *, cached: bool) -> None:
    """A stage's result is there: found, or made by this task.

    `airdub.stage.cached` and `airdub.stage.computed` count; `airdub.stage.wall` is the time of one
    that was made; `airdub.stage.gpu_ms` sums its GPU time, in ms.
    """
    tags = {"stage": result.stage, "engine": result.provenance.engine.name}
    if cached:
        stats.incr("airdub.stage.cached", tags=tags)
        return
    stats.incr("airdub.stage.computed", tags=tags)
    stats.timing("airdub.stage.wall", timedelta(seconds=result.wall_s), tags=tags)
    if result.gpu_s:
        stats.incr("airdub.stage.gpu_ms", round(result.gpu_s * 1000), tags=tags)


def count_failure(task_id: str, error: AirdubError) -> None:
    """A task failed for good: `airdub.task.failed`."""
    tags = {"task": task_id.rpartition(".")[2], "error": type(error).__name__}
    stats.incr("airdub.task.failed", tags=tags)
