"""The DAG: light to parse, always the same, wired as the stages' contracts say, and it runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG
from airflow.sdk.exceptions import ParamValidationError

from airdub.artifacts import ArtifactStore
from airdub.drafts import RunSummary, summary_key
from airdub.errors import TOTAL_RETRIES
from airdub.failures import failures
from airdub.stages import STAGES
from tests.airflow_home import PROJECT
from tests.fakes.stage_python import install

HEAVY = {"torch", "cv2", "pyspark", "librosa", "scipy", "boto3", "s3fs", "pandas", "langcodes"}

AFTER = {
    "prepare.probe": {"prepare.ingest"},
    "prepare.extract_audio": {"prepare.ingest", "prepare.probe"},
    "picture.track_faces": {"prepare.ingest", "prepare.probe", "prepare.extract_audio"},
    "speech.separate": {"prepare.ingest", "prepare.extract_audio"},
    "deliver.draft": {"voice.mix", "deliver.mux"},
}


def fresh_dag() -> DAG:
    """Parsed anew: `dag.test()` leaves traces in the object."""
    bag = DagBag(PROJECT / "dags")
    assert bag.import_errors == {}
    return bag.dags["dub_video"]


@pytest.fixture(scope="module")
def dag() -> DAG:
    return fresh_dag()


def in_new_process(code: str, **environment: str) -> Any:
    """Run code that prints JSON last, in an interpreter of its own."""
    answer = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(PROJECT), **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(answer.stdout.splitlines()[-1])


def test_every_stage_is_one_task_of_its_group(dag: DAG) -> None:
    tasks = {task.rpartition(".")[2]: task for task in dag.task_ids}
    assert set(tasks) == {"ingest", "draft", *STAGES}
    groups = {task.partition(".")[0] for task in dag.task_ids}
    assert groups == {"prepare", "speech", "voice", "picture", "deliver"}


@pytest.mark.parametrize("task", AFTER)
def test_tasks_wait_for_what_they_read(dag: DAG, task: str) -> None:
    assert dag.get_task(task).upstream_task_ids == AFTER[task]


def test_the_picture_is_analysed_beside_the_work_on_speech(dag: DAG) -> None:
    faces = dag.get_task("picture.track_faces")
    ahead = faces.get_flat_relative_ids(upstream=True)
    assert not [task for task in ahead if task.startswith(("speech.", "voice."))]


def test_every_port_that_a_stage_has_is_wired(dag: DAG) -> None:
    wired = {task.stage: set(task.inputs) for task in dag.tasks if hasattr(task, "stage")}
    assert wired == {name: {port.name for port in spec.inputs} for name, spec in STAGES.items()}


def test_tasks_have_owner_retries_limits_and_pools(dag: DAG) -> None:
    for task in dag.tasks:
        assert (task.owner, task.retries) == ("airdub", TOTAL_RETRIES)
        assert task.execution_timeout
        assert task.retry_policy
    pools = {task.pool for task in dag.tasks if hasattr(task, "stage")}
    assert pools == {"airdub_cpu"}


def test_it_says_what_it_does_and_how_to_recover(dag: DAG) -> None:
    assert dag.doc_md
    assert "When a task fails" in dag.doc_md
    assert all(dag.params.get_param(name).description for name in dag.params)
    assert dag.tags == {"airdub", "dubbing"}


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"source": "", "source_language": "en", "target_language": "es"},
        {"source": "/a.mp4", "source_language": "english!", "target_language": "es"},
        {"source": "/a.mp4", "source_language": "en", "target_language": "es", "profile": "gold"},
        {"source": "/a.mp4", "source_language": "en", "target_language": "es", "attempt": 0},
        {"source": "/a.mp4", "source_language": "en", "target_language": "es", "title_id": "../a"},
    ],
)
def test_the_form_refuses_bad_parameters(params: dict[str, Any]) -> None:
    form = fresh_dag().params

    def submit() -> None:
        form.update(params)
        form.validate()

    with pytest.raises(ParamValidationError):
        submit()


def test_parsing_is_quick_and_loads_nothing_heavy() -> None:
    code = (
        "import json, sys, time, airflow.sdk, airflow.triggers.base\n"
        "began = time.process_time()\n"
        "import dags.dub_video\n"
        "print(json.dumps([time.process_time() - began, sorted(sys.modules)]))"
    )
    seconds, modules = in_new_process(code)
    assert seconds < 0.5
    assert HEAVY & set(modules) == set()


def test_the_serialized_dag_is_the_same_in_every_process(tmp_path: Path) -> None:
    code = (
        "import json\n"
        "from airflow.dag_processing.dagbag import DagBag\n"
        "from airflow.serialization.serialized_objects import DagSerialization\n"
        "dag = DagBag('dags').dags['dub_video']\n"
        "print(json.dumps(DagSerialization.to_dict(dag)))"
    )
    component = {
        "AIRDUB_VAR": str(tmp_path),
        "AIRDUB_STAGES_PYTHON": "/elsewhere/bin/python",
        "AIRDUB_STORE": "s3://library/dubs",
    }
    first = in_new_process(code, PYTHONHASHSEED="1")
    assert first == in_new_process(code, PYTHONHASHSEED="2", **component)


def test_the_documentation_is_up_to_date() -> None:
    command = [sys.executable, "tools/generate_dag_docs.py", "--check"]
    assert subprocess.run(command, cwd=PROJECT, check=False).returncode == 0


@pytest.fixture
def order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A run's parameters, and a stages' interpreter of small results."""
    (tmp_path / "film.mp4").write_bytes(b"moving pictures")
    (tmp_path / "fakes").mkdir()
    monkeypatch.setenv("AIRDUB_VAR", str(tmp_path / "var"))
    monkeypatch.delenv("AIRDUB_STORE", raising=False)
    monkeypatch.setenv("AIRDUB_STAGES_PYTHON", str(install(tmp_path)))
    monkeypatch.setenv("FAKE_FOLDER", str(tmp_path / "fakes"))
    return {
        "source": str(tmp_path / "film.mp4"),
        "source_language": "en",
        "target_language": "es",
    }


@pytest.mark.usefixtures("airflow_database")
def test_it_runs_from_end_to_end_and_a_second_run_computes_nothing(
    order: dict[str, Any], tmp_path: Path
) -> None:
    store = ArtifactStore((tmp_path / "var" / "store").as_uri())
    for number, computed in (1, len(STAGES) + 1), (2, 0):
        run = fresh_dag().test(run_conf=order)
        assert str(run.state) == "success", f"run {number}"
        summary = RunSummary.model_validate_json(store.read(summary_key(run.run_id)))
        assert sum(not cached for cached in summary.cached.values()) == computed
    starts = {file.stem: len(file.read_text().split()) for file in (tmp_path / "fakes").iterdir()}
    assert starts == dict.fromkeys(STAGES, 1)


@pytest.mark.usefixtures("airflow_database")
def test_bad_input_fails_at_once_and_nothing_is_delivered(
    order: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_PROBE", "exit 65")
    run = fresh_dag().test(run_conf=order)
    assert str(run.state) == "failed"
    store = ArtifactStore((tmp_path / "var" / "store").as_uri())
    [record] = failures(store, run.run_id, "prepare.probe")
    assert (record.error, record.text) == ("InvalidInput", "here: bad. What to do: mend it")
    assert store.list("drafts") == []
