"""Whole DAG runs by Airflow's own task runner and trigger code, their stages in pods."""

from __future__ import annotations

import os
from typing import Any

import pytest

from airdub.drafts import Draft, RunSummary, summary_key
from airdub.stages import STAGES
from tests.airflow_home import PROJECT
from tests.kubernetes.conftest import SECRET, Site


@pytest.fixture(scope="session")
def airflow_database() -> None:
    from airflow.utils.db import initdb

    initdb()


def run_dag(dag_id: str, **params: Any) -> Any:
    """Run a DAG to its end in this process."""
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(PROJECT / "dags")
    assert bag.import_errors == {}
    return bag.dags[dag_id].test(run_conf=params)


@pytest.mark.parametrize("deferrable", ["0", "1"], ids=["sync", "deferrable"])
@pytest.mark.usefixtures("airflow_database")
def test_dub_video_runs_every_stage_in_one_pod(site: Site, deferrable: str) -> None:
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


@pytest.mark.usefixtures("airflow_database")
def test_no_secret_is_in_airflows_database(site: Site) -> None:
    import sqlite3
    from pathlib import Path

    order = {name: site.params[name] for name in ("source", "source_language", "target_language")}
    run_dag("dub_video", **order)
    database = sqlite3.connect(Path(os.environ["AIRFLOW_HOME"]) / "airflow.db")
    dump = "\n".join(database.iterdump())
    assert "StagePodOperator" in dump
    assert SECRET not in dump
