"""The DAG: light, the same everywhere, bounded, and a question ends without an answer too."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.models.dagrun import DagRun
from airflow.sdk import DAG
from airflow.utils.types import DagRunType

from airdub.catalog import Catalog, open_catalog
from airdub.settings import load_settings
from tests.airflow_home import PROJECT
from tests.unit.airdub.catalog.judged import judgement

HEAVY = {"torch", "cv2", "pyspark", "librosa", "scipy", "boto3", "s3fs", "pandas", "langcodes"}


def fresh_dag() -> DAG:
    """Parsed anew: `dag.test()` leaves traces in the object."""
    bag = DagBag(PROJECT / "dags")
    assert bag.import_errors == {}
    return bag.dags["review_dub"]


def test_a_bounded_number_is_open_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert fresh_dag().max_active_runs == 10
    monkeypatch.setenv("AIRDUB_OPEN_REVIEWS", "3")
    assert fresh_dag().max_active_runs == 3


def test_a_waiting_question_has_no_time_limit_of_its_own() -> None:
    dag = fresh_dag()
    ask = dag.get_task("ask")
    assert (ask.execution_timeout, ask.response_timeout, ask.defaults) == (None, None, None)
    assert dag.get_task("pick").execution_timeout
    assert all(task.retry_policy for task in dag.tasks)


def test_parsing_is_quick_and_loads_nothing_heavy() -> None:
    code = (
        "import json, sys, time, airflow.sdk, airflow.triggers.base\n"
        "began = time.process_time()\n"
        "import dags.review_dub\n"
        "print(json.dumps([time.process_time() - began, sorted(sys.modules)]))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        check=True,
    )
    seconds, modules = json.loads(answer.stdout.splitlines()[-1])
    assert seconds < 0.5
    assert HEAVY & set(modules) == set()


@pytest.fixture
def catalog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Catalog]:
    monkeypatch.setenv("AIRDUB_VAR", str(tmp_path))
    monkeypatch.delenv("AIRDUB_STORE", raising=False)
    monkeypatch.delenv("AIRDUB_CATALOG", raising=False)
    monkeypatch.setattr("operators.review_trigger._POLL_S", 0.2)
    with open_catalog(load_settings().catalog_url) as opened:
        yield opened


def states(run: Any) -> dict[str, str]:
    return {ti.task_id: str(ti.state) for ti in run.get_task_instances()}


def once_shown(act: Any) -> threading.Thread:
    """Do something as soon as a review is shown."""

    def wait() -> None:
        with open_catalog(load_settings().catalog_url) as own:
            limit = time.monotonic() + 60
            while not own.open_review_tasks() and time.monotonic() < limit:
                time.sleep(0.1)
            time.sleep(1)
            act(own)

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


@pytest.mark.usefixtures("airflow_database")
def test_a_newer_attempt_ends_the_question_and_nothing_is_published(catalog: Catalog) -> None:
    catalog.record_judgement(judgement("run", "review"))
    newer = judgement("run.a2", "repair", attempt=2, run={"parent_run_id": "run"})
    thread = once_shown(lambda own: own.record_judgement(newer))
    run = fresh_dag().test()
    thread.join()
    assert str(run.state) == "success"
    found = states(run)
    assert (found["ask"], found["follow_decision"]) == ("success", "success")
    assert {found[task] for task in found if task not in ("pick", "ask", "follow_decision")} == {
        "skipped"
    }
    assert catalog.publications() == []


@pytest.mark.usefixtures("airflow_database")
def test_time_leads_to_quarantine_never_to_publication(catalog: Catalog, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    run_id = DagRun.generate_run_id(run_type=DagRunType.MANUAL, logical_date=now, run_after=now)
    catalog.record_judgement(judgement("run", "review"))
    catalog.show_next_review(run_id)
    with sqlite3.connect(tmp_path / "catalog.db") as connection:
        connection.execute("UPDATE review_task SET shown_at = '2020-01-01T00:00:00.000000Z'")
    run = fresh_dag().test(run_after=now, logical_date=now)
    assert run.run_id == run_id
    assert (states(run)["hold_back"], states(run)["redo"]) == ("success", "skipped")
    held = catalog.quarantine("run")
    assert held is not None
    assert held.reason == "nobody reviewed it in time"
    assert catalog.publications() == []


@pytest.mark.usefixtures("airflow_database")
def test_nothing_waits_nothing_happens(catalog: Catalog) -> None:
    run = fresh_dag().test()
    assert str(run.state) == "success"
    assert states(run)["pick"] == "skipped"
    assert states(run)["ask"] == "skipped"
