"""The DAG that sweeps: asleep until it is wanted, and it looks before it removes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG

from airdub.settings import load_settings
from tests.airflow_home import PROJECT
from tests.unit.airdub.sweeping.test_sweep import SOUND, is_swept, stored_mix


def fresh_dag() -> DAG:
    """Parsed anew: `dag.test()` leaves traces in the object."""
    bag = DagBag(PROJECT / "dags" / "sweep_artifacts.py")
    assert bag.import_errors == {}
    return bag.dags["sweep_artifacts"]


def states(run: Any) -> dict[str, str]:
    return {ti.task_id: str(ti.state) for ti in run.get_task_instances()}


def test_nobody_is_swept_unasked() -> None:
    dag = fresh_dag()
    assert (dag.is_paused_upon_creation, dag.catchup, dag.max_active_runs) == (True, False, 1)
    assert [task.task_id for task in dag.topological_sort()] == ["look", "remove"]
    assert all(task.retry_policy and task.execution_timeout for task in dag.tasks)


@pytest.mark.usefixtures("airflow_database")
def test_a_run_removes_and_a_run_by_hand_may_only_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRDUB_VAR", str(tmp_path))
    monkeypatch.delenv("AIRDUB_STORE", raising=False)
    made = stored_mix(load_settings())
    looked = fresh_dag().test(run_conf={"remove": False})
    assert states(looked) == {"look": "success", "remove": "skipped"}
    assert not is_swept(load_settings(), made)
    run = fresh_dag().test()
    assert states(run) == {"look": "success", "remove": "success"}
    (task,) = (ti for ti in run.get_task_instances() if ti.task_id == "remove")
    assert task.xcom_pull(task_ids="remove")["bytes"] == len(SOUND)
    assert is_swept(load_settings(), made)
