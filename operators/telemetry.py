"""Numbers for whoever watches Airflow's own: through its StatsD or OpenTelemetry, off by default.

Tags are of few values (stage, engine, error class, language): never a title or a run.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from airflow.sdk.observability import stats

from airdub.queue.documents import RequestState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from airdub.errors import AirdubError
    from airdub.queue.documents import StateCount
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


def gauge_queue(counts: Iterable[StateCount], age_s: float) -> None:
    """How the queue is.

    `airdub.queue.requests` is how many requests there are, by state and language;
    `airdub.queue.age_s` for how long the one that waits longest has waited.
    """
    known = {(one.language, one.state): one.count for one in counts}
    for language in sorted({language for language, _ in known}):
        for state in RequestState:  # a gauge keeps its value: none left is a value too
            tags = {"state": str(state), "language": language}
            stats.gauge("airdub.queue.requests", known.get((language, state), 0), tags=tags)
    stats.gauge("airdub.queue.age_s", age_s)


def is_on() -> bool:
    """Whether Airflow sends numbers anywhere: what is dear to count isn't counted for nobody."""
    from airflow.sdk.configuration import conf

    switches = ("statsd_on", "otel_on", "statsd_datadog_enabled")
    return any(conf.getboolean("metrics", one, fallback=False) for one in switches)
