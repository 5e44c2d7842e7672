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
from airdub.catalog import open_catalog
from airdub.drafts import RunSummary, summary_key
from airdub.errors import TOTAL_RETRIES
from airdub.failures import failures
from airdub.orders import DubOrder
from airdub.settings import load_settings
from airdub.stages import STAGES
from tests.airflow_home import PROJECT
from tests.fakes.stage_python import install

HEAVY = {"torch", "cv2", "pyspark", "librosa", "scipy", "boto3", "s3fs", "pandas", "langcodes"}
HEAVY |= {"great_expectations"}

GARBLED = {"word_error_rate": {"title": 0.9, "s0001": 0.0, "s0002": 1.0}}

AFTER = {
    "prepare.probe": {"prepare.ingest"},
    "prepare.extract_audio": {"prepare.ingest", "prepare.probe"},
    "picture.track_faces": {"prepare.ingest", "prepare.probe", "prepare.extract_audio"},
    "speech.separate": {"prepare.ingest", "prepare.extract_audio"},
    "deliver.draft": {"voice.mix", "deliver.mux"},
    "judge.release_gate": {"judge.evaluate", "deliver.draft"},
    "judge.follow_verdict": {"judge.release_gate"},
    "judge.publish": {"judge.follow_verdict"},
}
ENDS = {"publish", "start_repair", "queue_review", "quarantine"}


def fresh_dag() -> DAG:
    """Parsed anew: `dag.test()` leaves traces in the object, and fails with deadlines."""
    bag = DagBag(PROJECT / "dags")
    assert bag.import_errors == {}
    dag = bag.dags["dub_video"]
    dag.deadline = None
    return dag


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
    assert set(tasks) == {"ingest", "draft", "release_gate", "follow_verdict", *ENDS, *STAGES}
    groups = {task.partition(".")[0] for task in dag.task_ids}
    assert groups == {"prepare", "speech", "voice", "picture", "deliver", "judge"}


def test_a_run_ends_with_what_its_verdict_asks_for(dag: DAG) -> None:
    assert {task.task_id for task in dag.leaves} == {f"judge.{end}" for end in ENDS}
    assert {task.trigger_rule for task in dag.tasks} == {"all_success"}


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


def make_title(folder: Path) -> dict[str, Any]:
    """A video with a script, a stages' interpreter of small results, and a run's parameters."""
    (folder / "film.mp4").write_bytes(b"moving pictures")
    (folder / "film.srt").write_text("1\n00:00:00,500 --> 00:00:01,500\nBuenos días.\n")
    (folder / "fakes").mkdir()
    install(folder)
    return {
        "source": str(folder / "film.mp4"),
        "source_language": "es",
        "target_language": "en",
    }


def work_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Point the settings to the folder."""
    for name in ("AIRDUB_STORE", "AIRDUB_CATALOG", "AIRDUB_RELEASES", "FAKE_METRICS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AIRDUB_VAR", str(folder / "var"))
    python = folder / "environment" / "bin" / "python"
    monkeypatch.setenv("AIRDUB_STAGES_PYTHON", str(python))
    monkeypatch.setenv("FAKE_FOLDER", str(folder / "fakes"))


@pytest.fixture
def order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A run's parameters; nothing was computed yet."""
    made = make_title(tmp_path)
    work_in(tmp_path, monkeypatch)
    return made


@pytest.fixture(scope="module")
def title(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A title that many runs share: its stages are computed once."""
    folder = tmp_path_factory.mktemp("title")
    return folder, make_title(folder)


@pytest.fixture
def known_order(
    title: tuple[Path, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> dict[str, Any]:
    """Its parameters; it is measured anew."""
    folder, made = title
    work_in(folder, monkeypatch)
    ArtifactStore(load_settings().store_url).delete("work/evaluate")
    return made


def states(run: Any) -> dict[str, str]:
    """Where the run's last tasks ended."""
    from airflow.models.taskinstance import TaskInstance
    from airflow.utils.session import create_session

    with create_session() as session:
        tasks = session.query(TaskInstance).filter(TaskInstance.run_id == run.run_id).all()
        ended = {task.task_id.removeprefix("judge."): str(task.state) for task in tasks}
    return {end: ended[end] for end in sorted(ENDS)}


@pytest.mark.usefixtures("airflow_database")
@pytest.mark.parametrize(
    ("measured", "decision", "end"),
    [
        ({}, "APPROVED", "publish"),
        ({"loudness": {"title": -31.0}}, "REVIEW", "queue_review"),
        ({"psnr": {"title": 12.0}}, "REJECTED", "quarantine"),
    ],
)
def test_one_end_runs_and_the_decision_is_kept(
    known_order: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    measured: dict[str, Any],
    decision: str,
    end: str,
) -> None:
    monkeypatch.setenv("FAKE_METRICS", json.dumps(measured))
    run = fresh_dag().test(run_conf=known_order)
    assert str(run.state) == "success"
    assert states(run) == {name: "success" if name == end else "skipped" for name in sorted(ENDS)}
    with open_catalog(load_settings().catalog_url) as catalog:
        judgement, releases = catalog.judgement(run.run_id), catalog.releases()
    assert judgement is not None
    assert judgement.verdict.decision == decision
    published = [release.run_id for release in releases if release.run_id == run.run_id]
    assert published == ([run.run_id] if decision == "APPROVED" else [])


@pytest.mark.usefixtures("airflow_database")
def test_a_repair_is_a_run_of_its_own_that_is_started_once(
    known_order: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from airflow.models import DagRun
    from airflow.utils.session import create_session

    monkeypatch.setenv("FAKE_METRICS", json.dumps(GARBLED))
    run = fresh_dag().test(run_conf=known_order)
    assert (str(run.state), states(run)["start_repair"]) == ("success", "success")
    next_id = f"{run.run_id}.a2"
    with create_session() as session:
        [started] = session.query(DagRun).filter(DagRun.run_id == next_id)
        assert (started.dag_id, started.logical_date) == ("dub_video", None)
        conf = started.conf
    asked = DubOrder.parse(conf)
    assert (asked.attempt, asked.parent_run_id) == (2, run.run_id)
    assert asked.repair is not None
    assert [line.segment_id for line in asked.repair.lines] == ["s0002"]
    form = fresh_dag().params
    form.update(conf)
    form.validate()


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
