"""What DAG authors call: wiring, pools, time limits."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from airflow.sdk import DAG

from airdub import profiles
from airdub.batches import LONGEST_S
from airdub.stages import STAGES, Resources
from operators.ingest import ingest_task
from operators.references import Source
from operators.stage_task import pool_of, stage_task, warm_task
from operators.warm_choice import ChooseRequestsOperator


def test_wiring_makes_the_edges() -> None:
    with DAG("wired"):
        ingest = ingest_task()
        probe = stage_task("probe", {"source": ingest["source"]})
        audio = stage_task("extract_audio", {"source": ingest["source"], "facts": probe["facts"]})
    assert audio.operator.upstream_task_ids == {"ingest", "probe"}
    assert audio["original"] == Source("extract_audio", "original")


def test_resources_become_pool_and_time_limit() -> None:
    with DAG("pools"):
        ingest = ingest_task()
        probe = stage_task("probe", {"source": ingest["source"]})
    operator = probe.operator
    assert (operator.pool, operator.pool_slots) == ("airdub_cpu", 1)
    limit = STAGES["probe"].resources.timeout_s
    assert operator.execution_timeout == timedelta(seconds=limit)
    assert pool_of(Resources(cpus=1.5))["pool_slots"] == 2


def test_the_time_limit_is_that_of_the_most_patient_profile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(shutil.copytree(profiles._FOLDER, tmp_path / "profiles"))
    monkeypatch.setattr(profiles, "_FOLDER", folder)
    patient = "extends: embedded\nresources: {probe: {timeout_s: 30000}}\n"
    (folder / "patient.yaml").write_text(patient)
    with DAG("patient"):
        probe = stage_task("probe", {"source": ingest_task()["source"]})
    assert probe.operator.execution_timeout == timedelta(seconds=30000)


def test_on_kubernetes_a_stage_is_a_pod_in_the_pool_of_pods(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AIRDUB_RUNTIME", "kubernetes")
    with DAG("pods"):
        ingest = ingest_task()
        probe = stage_task("probe", {"source": ingest["source"]})
    operator = probe.operator
    assert (type(operator).__name__, operator.task_type) == ("StagePodOperator",) * 2
    assert (operator.pool, operator.pool_slots) == ("airdub_pods", 1)
    assert operator.upstream_task_ids == {"ingest"}


@pytest.mark.parametrize("inputs", [{}, {"source": Source("a", "b"), "speech": Source("a", "b")}])
def test_wrong_wiring_is_refused_when_the_dag_is_parsed(inputs: dict[str, Source]) -> None:
    with DAG("wrong"), pytest.raises(ValueError, match="unknown or not wired"):
        stage_task("probe", inputs)


def test_an_output_that_no_stage_has_is_refused_when_the_dag_is_parsed() -> None:
    with DAG("no_output"):
        ingest = ingest_task()
    with pytest.raises(KeyError, match="no output 'sound'"):
        ingest["sound"]


@pytest.mark.parametrize(
    ("runtime", "kind", "pool"),
    [
        ("embedded", "WarmProcessOperator", ("airdub_cpu", 2)),
        ("kubernetes", "WarmPodOperator", ("airdub_pods", 1)),
    ],
)
def test_warming_takes_the_slots_of_the_neediest_stage(
    monkeypatch: pytest.MonkeyPatch, runtime: str, kind: str, pool: tuple[str, int]
) -> None:
    monkeypatch.setenv("AIRDUB_RUNTIME", runtime)
    with DAG("warm"):
        chosen = ChooseRequestsOperator(task_id="choose", wiring={})
        warm = warm_task(chosen)
    assert (type(warm).__name__, (warm.pool, warm.pool_slots)) == (kind, pool)
    assert warm.upstream_task_ids == {"choose"}
    assert warm.execution_timeout == timedelta(seconds=LONGEST_S)
