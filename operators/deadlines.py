"""What deadlines of runs are counted from. Airflow finds it through the plugin."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from airflow.sdk.definitions.deadline import BaseDeadlineReference


class RunCreated(BaseDeadlineReference):
    """The creation of a run, which is when Airflow asks.

    Its own reference to when a run was queued makes Airflow 3.3.2 fail to clear a run's tasks.
    """

    def _evaluate_with(self, **_: Any) -> datetime:
        return datetime.now(UTC)
