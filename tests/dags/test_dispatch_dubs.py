"""The DAG that drains the queue: dubs are started once, and again when their runs are lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG

from airdub.artifacts import ArtifactStore
from airdub.catalog import Catalog, open_catalog
from airdub.failures import FailureRecord, record_failure
from airdub.orders import DubOrder
from airdub.queue.canaries import tried
from airdub.queue.documents import Quota, Request, RequestState
from airdub.queue.selecting import Planner
from airdub.settings import load_settings
from tests.airflow_home import PROJECT
from tests.unit.airdub.catalog.judged import judgement
from tests.unit.airdub.catalog.queued import add_titles

NAMES = ("film-a", "film-b")
LANGUAGE = "es-419"


def fresh_dag() -> DAG:
    """Parsed anew: `dag.test()` leaves traces in the object."""
    bag = DagBag(PROJECT / "dags" / "dispatch_dubs.py")
    assert bag.import_errors == {}
    return bag.dags["dispatch_dubs"]


def states(run: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for ti in run.get_task_instances():
        found.setdefault(ti.task_id, []).append(str(ti.state))
    return found


def test_one_run_at_a_time_goes_before_the_dubs() -> None:
    dag = fresh_dag()
    assert (dag.max_active_runs, dag.catchup, dag.is_paused_upon_creation) == (1, False, False)
    assert {task.priority_weight for task in dag.tasks} == {1000}
    assert all(task.retry_policy and task.execution_timeout for task in dag.tasks)


@pytest.fixture
def library(
    airflow_database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Two titles; their runs of dub_video are removed afterwards."""
    monkeypatch.setenv("AIRDUB_VAR", str(tmp_path))
    for name in ("AIRDUB_STORE", "AIRDUB_CATALOG"):
        monkeypatch.delenv(name, raising=False)
    with open_catalog(load_settings().catalog_url) as catalog:
        add_titles(catalog, NAMES)
    yield
    for run_id, _, _ in dub_runs().values():
        delete_run(run_id)


@pytest.fixture
def queue(library: None) -> None:
    """Both are wanted."""
    with open_catalog(load_settings().catalog_url) as catalog:
        catalog.enqueue(wanted(catalog), "test")


def wanted(catalog: Catalog) -> list[Request]:
    """Requests for the titles by the plan of now."""
    titles = [title for title in map(catalog.title, NAMES) if title]
    return [Planner().request(title, LANGUAGE, "embedded") for title in titles]


def dub_runs() -> dict[str, Any]:
    """Runs of dub_video by title."""
    from airflow.models import DagRun
    from airflow.utils.session import create_session

    with create_session() as session:
        found = session.query(DagRun).filter(DagRun.dag_id == "dub_video").all()
        wanted_runs = [run for run in found if (run.conf or {}).get("title_id") in NAMES]
        return {
            run.conf["title_id"]: (run.run_id, run.logical_date, run.conf) for run in wanted_runs
        }


def delete_run(run_id: str) -> None:
    from airflow.models import DagRun
    from airflow.utils.session import create_session

    with create_session() as session:
        session.query(DagRun).filter(DagRun.run_id == run_id).delete()


@pytest.mark.usefixtures("queue")
def test_runs_are_started_once_and_again_when_they_are_gone() -> None:
    run = fresh_dag().test()
    assert states(run)["start"] == ["success", "success"]
    started = dub_runs()
    assert set(started) == set(NAMES)
    for name, (run_id, logical_date, conf) in started.items():
        order = DubOrder.parse(conf)
        assert (order.title_id, order.target_language, order.attempt) == (name, LANGUAGE, 1)
        assert run_id.startswith(f"{name}.{LANGUAGE}.")
        assert logical_date is None
    idle = fresh_dag().test()
    assert states(idle)["start"] == ["skipped"]
    assert dub_runs() == started
    delete_run(started["film-a"][0])
    again = fresh_dag().test()
    assert states(again)["start"] == ["success"]
    assert dub_runs() == started


@pytest.mark.usefixtures("queue")
def test_a_run_that_failed_tells_the_queue_why() -> None:
    from airflow.models import DagRun, TaskInstance
    from airflow.utils.session import create_session

    fresh_dag().test()
    run_id = dub_runs()["film-a"][0]
    with create_session() as session:
        session.query(DagRun).filter(DagRun.run_id == run_id).update({"state": "failed"})
        tasks = session.query(TaskInstance).filter(TaskInstance.run_id == run_id)
        tasks.filter(TaskInstance.task_id == "prepare.probe").update({"state": "failed"})
    record = FailureRecord(
        error="InvalidInput", exit_code=65, what="it has no audio", try_number=1, max_tries=9
    )
    store = ArtifactStore(load_settings().store_url)
    record_failure(store, run_id, "prepare.probe", record)
    fresh_dag().test()
    with open_catalog(load_settings().catalog_url) as catalog:
        found = {one.title_id: (one.state, one.reason, one.note) for one in catalog.requests()}
    assert found["film-a"] == (RequestState.REFUSED, "InvalidInput", "it has no audio")
    assert found["film-b"][0] is RequestState.RUNNING


@pytest.mark.usefixtures("queue")
def test_what_is_over_quota_today_is_dubbed_tomorrow(monkeypatch: pytest.MonkeyPatch) -> None:
    with open_catalog(load_settings().catalog_url) as catalog:
        catalog.set_quota(Quota(scope="language:es", per_day=1))
    assert states(fresh_dag().test())["start"] == ["success"]
    assert states(fresh_dag().test())["start"] == ["skipped"]
    first = dub_runs()
    assert len(first) == 1
    tomorrow = datetime(2990, 1, 2, tzinfo=UTC)
    monkeypatch.setattr("airdub.catalog.sqlite.SqliteDatabase.clock", lambda _: tomorrow)
    assert states(fresh_dag().test())["start"] == ["success"]
    started = dub_runs()
    assert set(started) == set(NAMES)
    with open_catalog(load_settings().catalog_url) as catalog:
        assert {one.state for one in catalog.requests()} == {RequestState.RUNNING}


def judged(title_id: str, consequence: str) -> None:
    """The title's run ends with this verdict; what passes is published."""
    run_id = dub_runs()[title_id][0]
    with open_catalog(load_settings().catalog_url) as catalog:
        run = {"title_id": title_id}
        catalog.record_judgement(judgement(run_id, consequence, run=run))
        if consequence == "publish":
            catalog.set_state("publication", run_id, "published", was="pending")


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize(
    ("verdict", "dubbed", "ended"), [("publish", 2, "open"), ("quarantine", 1, "stopped")]
)
def test_a_new_plan_is_dubbed_for_its_canaries_and_then_for_all_or_for_no_more(
    verdict: str, dubbed: int, ended: str
) -> None:
    with open_catalog(load_settings().catalog_url) as catalog:
        catalog.enqueue(tried(catalog, wanted(catalog), canaries=1), "an upgrade")
        assert sorted(one.state for one in catalog.requests()) == ["held", "waiting"]
    assert states(fresh_dag().test())["start"] == ["success"]
    (canary,) = dub_runs()
    assert states(fresh_dag().test())["start"] == ["skipped"]  # its end is waited for
    judged(canary, verdict)
    fresh_dag().test()
    assert len(dub_runs()) == dubbed
    with open_catalog(load_settings().catalog_url) as catalog:
        assert [len(catalog.rollouts(state)) for state in ("trying", ended)] == [0, 1]
