"""Airflow's own database is cleaned by a task, as far back as it is told, and no further."""

from __future__ import annotations

import os
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG

from airdub.errors import DependencyUnavailable, InvalidInput
from airdub.settings import load_settings
from operators.clean_airflow import (
    CleanAirflowOperator,
    checked_days,
    clean_command,
    command_environment,
)
from tests.airflow_home import PROJECT


def fresh_dag() -> DAG:
    """Parsed anew: `dag.test()` leaves traces in the object."""
    bag = DagBag(PROJECT / "dags" / "clean_airflow.py")
    assert bag.import_errors == {}
    return bag.dags["clean_airflow"]


def clean(**params: Any) -> str:
    operator = CleanAirflowOperator(task_id="clean")
    context: Any = {"params": {"days": None, "remove": True, **params}, "ti": SimpleNamespace()}
    return operator.execute(context)


def jobs(home: Path) -> list[str]:
    with sqlite3.connect(home / "airflow.db") as connection:
        rows = connection.execute("SELECT hostname FROM job ORDER BY hostname").fetchall()
    return [row[0] for row in rows if row[0] in ("old", "young")]


@pytest.fixture
def home(airflow_database: Path) -> Path:
    """A database with an old job and a young one."""
    with sqlite3.connect(airflow_database / "airflow.db") as connection:
        for name, days in (("old", 70), ("young", 50)):
            time = (datetime.now(UTC) - timedelta(days=days)).strftime("%Y-%m-%d %H:%M:%S.%f")
            connection.execute(
                "INSERT INTO job (hostname, state, latest_heartbeat) VALUES (?, 'success', ?)",
                [name, time],
            )
    return airflow_database


def test_nobodys_runs_are_forgotten_unasked() -> None:
    dag = fresh_dag()
    assert (dag.is_paused_upon_creation, dag.catchup, dag.max_active_runs) == (True, False, 1)
    assert [task.task_id for task in dag.tasks] == ["clean"]


def test_a_task_cleans_the_database_that_airflow_hides_from_it(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"
    monkeypatch.setenv(f"{name}_CMD", f"printf %s {os.environ[name]}")
    monkeypatch.setenv(name, "airflow-db-not-allowed:///")
    clean()
    assert jobs(home) == ["young"]
    monkeypatch.setenv(f"{name}_CMD", f"printf %s sqlite:///{home}/another.db")
    with pytest.raises(DependencyUnavailable, match="doesn't find the database"):
        clean()


def test_what_asks_people_outlives_the_review() -> None:
    settings = load_settings({"AIRDUB_REVIEW_DAYS": "90"})
    assert (settings.airflow_days, checked_days(None, settings)) == (91, 91)
    with pytest.raises(InvalidInput, match="AIRDUB_REVIEW_DAYS"):
        checked_days(90, settings)
    assert checked_days(120, settings) == 120


def test_the_command_and_its_variables() -> None:
    before = datetime(2026, 9, 22, tzinfo=UTC)
    command = clean_command(before, remove=False)
    assert command[:3] == ["clean", "--clean-before-timestamp", "2026-09-22T00:00:00+00:00"]
    assert command[-1] == "--dry-run"
    assert command[:-1] == clean_command(before, remove=True)
    hidden = {"AIRFLOW__CORE__SQL_ALCHEMY_CONN": "airflow-db-not-allowed:///", "PATH": "/bin"}
    own = {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "postgresql://db/airflow"}
    assert command_environment(hidden | own) == {"PATH": "/bin", **own}
