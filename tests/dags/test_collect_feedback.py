"""The DAG that takes in feedback, in a real Airflow."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG

from airdub.artifacts import ArtifactStore
from airdub.catalog import Release, open_catalog
from airdub.settings import load_settings
from tests.airflow_home import PROJECT
from tests.unit.airdub.catalog.judged import TITLE_ID, judgement


def fresh_dag() -> DAG:
    """Parsed anew: `dag.test()` leaves traces in the object."""
    bag = DagBag(PROJECT / "dags" / "collect_feedback.py")
    assert bag.import_errors == {}
    return bag.dags["collect_feedback"]


def test_it_runs_by_itself_one_at_a_time() -> None:
    dag = fresh_dag()
    assert (dag.max_active_runs, dag.catchup, dag.is_paused_upon_creation) == (1, False, False)
    assert [task.task_id for task in dag.topological_sort()] == ["collect", "weigh", "ask"]
    assert all(task.retry_policy and task.execution_timeout for task in dag.tasks)


@pytest.mark.usefixtures("airflow_database")
def test_complaints_of_a_file_open_a_review(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRDUB_VAR", str(tmp_path))
    monkeypatch.setenv("AIRDUB_FEEDBACK_COMPLAINTS", "2")
    for name in ("AIRDUB_STORE", "AIRDUB_CATALOG"):
        monkeypatch.delenv(name, raising=False)
    store = ArtifactStore(load_settings().store_url)
    rows = "".join(f"{TITLE_ID},es-419,mala voz {number}\n" for number in range(2))
    store.write("feedback/week.csv", f"title,language,text\n{rows}".encode())
    os.utime(store.local_path("feedback/week.csv"), (0, 0))
    with open_catalog(load_settings().catalog_url) as catalog:
        catalog.record_judgement(judgement("run", "publish"))
        release = {"release_id": "r", "title_id": TITLE_ID, "language": "es-419", "run_id": "run"}
        catalog.record_release(Release(**release, folder="f", sha256="s"))
        run = fresh_dag().test()
        states = {ti.task_id: str(ti.state) for ti in run.get_task_instances()}
        assert (states["collect"], states["weigh"]) == ("success", "success")
        assert [one.notes for one in catalog.reviews()] == ["viewers complain of voice (2)"]
