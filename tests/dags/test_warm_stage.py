"""The DAG that warms a stage: two tasks, and the titles' own runs find what it made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG
from jsonschema.exceptions import ValidationError

from airdub.stages import STAGES
from operators.stage_work import StageWork
from tests.airflow_home import PROJECT
from tests.unit.operators.conftest import Flow, flow
from tests.unit.operators.warm import enqueue

__all__ = ["flow"]


def fresh_dag(name: str = "warm_stage") -> DAG:
    """Parsed anew: `dag.test()` leaves traces in the object."""
    bag = DagBag(PROJECT / "dags" / f"{name}.py")
    assert bag.import_errors == {}
    assert list(bag.dags) == [name], "the pipeline that is read for its wiring is no DAG"
    return bag.dags[name]


def states(run: Any) -> dict[str, str]:
    return {ti.task_id: str(ti.state) for ti in run.get_task_instances()}


def xcom(run: Any, task_id: str) -> Any:
    (task,) = (ti for ti in run.get_task_instances() if ti.task_id == task_id)
    return task.xcom_pull(task_ids=task_id)


def test_it_is_two_tasks_that_nobody_schedules() -> None:
    dag = fresh_dag()
    assert (dag.schedule, dag.catchup, dag.is_paused_upon_creation) == (None, False, False)
    assert [task.task_id for task in dag.topological_sort()] == ["choose", "warm"]
    assert all(task.retry_policy and task.execution_timeout for task in dag.tasks)


def test_the_pipeline_is_walked_as_a_dub_is_wired() -> None:
    wiring = fresh_dag().get_task("choose").wiring
    tasks = [task for task in fresh_dag("dub_video").tasks if isinstance(task, StageWork)]
    assert set(wiring) == {task.stage for task in tasks} == set(STAGES)
    for task in tasks:
        theirs = {port: (one.task_id, one.output) for port, one in task.inputs.items()}
        ours = {port: (one.task_id, one.output) for port, one in wiring[task.stage].items()}
        assert {port: (name.split(".")[-1], out) for port, (name, out) in theirs.items()} == ours


@pytest.mark.usefixtures("airflow_database")
def test_a_run_makes_what_is_ready_and_one_without_work_is_skipped(flow: Flow) -> None:
    enqueue(flow.folder, "ant", "bee")
    run = fresh_dag().test(run_conf={"stage": "probe", "most": 1})
    assert states(run) == {"choose": "success", "warm": "success"}
    assert xcom(run, "warm") == {"made": 1, "adopted": 0, "failed": 0, "in_work": 0, "refused": 0}
    assert flow.starts("probe") == 1
    again = fresh_dag().test()
    assert states(again) == {"choose": "success", "warm": "skipped"}
    assert xcom(again, "choose")["others"] == {"wait for extract_audio": 1, "wait for ingest": 1}


@pytest.mark.parametrize(
    "wrong", [{"stage": "paint"}, {"most": 0}, {"most": 201}, {"engine": "nobody"}]
)
def test_parameters_are_checked(wrong: dict[str, Any], airflow_database: Path) -> None:
    with pytest.raises((ValueError, ValidationError)):
        fresh_dag().test(run_conf=wrong)
