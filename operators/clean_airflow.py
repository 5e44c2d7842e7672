"""Cleaning Airflow's own database, by Airflow's own command: it is no record of anything.

A task may not open that database, and Airflow takes its address away from tasks. The command finds
it where every process of Airflow does: in `airflow.cfg`, or by
`AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_CMD` or `_SECRET`. Given by the plain variable alone, it is out
of a task's reach.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator

from airdub.errors import DependencyUnavailable, InvalidInput, TemporaryFailure
from airdub.settings import PROJECT, load_settings
from operators.processes import StageProcess

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow.sdk import Context

    from airdub.settings import Settings

_BLOCKED = "airflow-db-not-allowed"
_CONNECTIONS = ("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "AIRFLOW__CORE__SQL_ALCHEMY_CONN")
_BATCH = 5000
"""Rows in a transaction: the scheduler writes between two."""


class CleanAirflowOperator(BaseOperator):
    """Deletes what Airflow remembers of old runs: see `clean_command`."""

    ui_color = "#e5e7eb"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._process: StageProcess | None = None

    def execute(self, context: Context) -> str:
        """Clean, tell what Airflow tells; the time before which all is forgotten.

        Raises:
            InvalidInput: the days are too few.
            DependencyUnavailable: Airflow's database isn't found where the command looks.
            TemporaryFailure: it can't be cleaned now.
        """
        params = context["params"]
        days = checked_days(params["days"], load_settings())
        before = datetime.now(UTC) - timedelta(days=days)
        self.log.info("Forgetting what Airflow keeps from before %s", before.isoformat())
        if self._run(["check-migrations", "--migration-wait-timeout", "0"]):
            raise DependencyUnavailable(
                "the command airflow doesn't find the database that Airflow runs on",
                where="sql_alchemy_conn",
                remedy="state it in airflow.cfg, or by AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_CMD: "
                "tasks don't see the variable without _CMD",
            )
        if self._run(clean_command(before, remove=params["remove"])):
            raise TemporaryFailure(
                "Airflow's database couldn't be cleaned",
                where="airflow db clean",
                remedy="read the log above, then clear the task",
            )
        return before.isoformat()

    def on_kill(self) -> None:
        """Stop the command; what it has committed stays."""
        if self._process is not None:
            self._process.stop()

    def _run(self, command: list[str]) -> int:
        program = [sys.executable, "-m", "airflow", "db", *command]
        self._process = StageProcess(program, command_environment(os.environ), PROJECT)
        return self._process.run(lambda line: self.log.info("%s", line))


def clean_command(before: datetime, *, remove: bool) -> list[str]:
    """The command's words after `airflow db`.

    All tables are cleaned, without an archive, the last scheduled run of each DAG excepted: from
    there on it goes on.

    Args:
        before: what is older goes.
        remove: without, it only tells.
    """
    words = ["clean", "--clean-before-timestamp", before.isoformat(), "--skip-archive", "--yes"]
    words += ["--batch-size", str(_BATCH), "--error-on-cleanup-failure"]
    return words if remove else [*words, "--dry-run"]


def checked_days(days: int | None, settings: Settings) -> int:
    """The days that Airflow remembers; those of the settings by default.

    Raises:
        InvalidInput: reviews may wait longer; what asks people would be forgotten with its run.
    """
    if days is not None and days <= settings.review_days:
        raise InvalidInput(
            f"reviews may wait for {settings.review_days} days, and Airflow keeps who asks",
            where="days",
            remedy="give more days than AIRDUB_REVIEW_DAYS",
        )
    return days or settings.airflow_days


def command_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """A task's variables without the wrong address that Airflow puts there."""
    return {
        name: value
        for name, value in environ.items()
        if not (name in _CONNECTIONS and value.startswith(_BLOCKED))
    }
