"""Whole DAG runs by Airflow's own task runner and trigger code, their stages in pods."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from airdub.drafts import Draft, RunSummary, summary_key
from airdub.stages import STAGES
from tests.kubernetes.driver import WorkerKilled
from tests.kubernetes.server import TOKEN
from tests.kubernetes.site import SECRET, Site, eventually, run_dag


def airflows_memory() -> bytes:
    """All that Airflow keeps: logs, and a database of rendered fields, XComs, triggers, DAGs."""
    files = Path(os.environ["AIRFLOW_HOME"]).rglob("*")
    return b"".join(file.read_bytes() for file in files if file.is_file())


@pytest.mark.parametrize("deferrable", ["0", "1"], ids=["sync", "deferrable"])
@pytest.mark.usefixtures("airflow_database")
def test_dub_video_runs_every_stage_in_one_pod(
    site: Site, deferrable: str, capfd: pytest.CaptureFixture[str]
) -> None:
    site.set(AIRDUB_POD_DEFERRABLE=deferrable)
    order = {name: site.params[name] for name in ("source", "source_language", "target_language")}
    run = run_dag("dub_video", **order)
    assert str(run.state) == "success"
    assert sorted(pod.stage for pod in site.cluster.created) == sorted(STAGES)
    assert site.orphans() == []
    summary = RunSummary.model_validate_json(site.store.read(summary_key(run.run_id)))
    draft = Draft.model_validate_json(site.store.read(summary.manifest))
    assert all(site.store.holds(ref) for ref in draft.files.values())
    again = run_dag("dub_video", **order)
    assert (str(again.state), site.pods_created) == ("success", len(STAGES))
    remembered, logged = airflows_memory(), "".join(capfd.readouterr())
    assert b"StagePodOperator" in remembered
    assert "Started pod airdub-mux" in logged
    for secret in (SECRET, TOKEN):
        assert secret.encode() not in remembered
        assert secret not in logged


@pytest.mark.usefixtures("airflow_database")
def test_a_pod_whose_task_is_no_more_is_swept(site: Site) -> None:
    def killed(trigger: Any) -> None:
        raise WorkerKilled

    site.steps("probe", "hang")
    for run_id in ("forgotten", "young"):
        with pytest.raises(WorkerKilled):
            site.task(run_id=run_id, on_deferral=killed).run()
        site.params["source_language"] = "fr"  # the second makes something else
    forgotten, young = site.cluster.created
    forgotten.manifest["metadata"]["creationTimestamp"] = "2026-01-01T00:00:00Z"
    assert str(run_dag("sweep_pods").state) == "success"
    assert eventually(lambda: forgotten.over and list(site.cluster.pods) == [young.name])
