"""The DAG that enqueues: daily intervals, caught up, and as light as any, whatever the library."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG, CronDataIntervalTimetable
from airflow.sdk.exceptions import ParamValidationError

from airdub.catalog import open_catalog
from airdub.queue.documents import StandingOrder
from airdub.settings import load_settings
from tests.airflow_home import PROJECT
from tests.unit.airdub.catalog.queued import add_titles


def fresh_dag() -> DAG:
    """Parsed anew: `dag.test()` leaves traces in the object."""
    bag = DagBag(PROJECT / "dags" / "dub_catalog.py")
    assert bag.import_errors == {}
    return bag.dags["dub_catalog"]


def test_days_that_were_missed_are_caught_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRDUB_CATALOG_START", "2026-10-01")
    dag = fresh_dag()
    assert dag.catchup
    assert dag.start_date == datetime(2026, 10, 1, tzinfo=UTC)
    assert isinstance(dag.timetable, CronDataIntervalTimetable)
    assert not dag.is_paused_upon_creation


def test_its_schedule_may_be_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRDUB_CATALOG_SCHEDULE", "0 */6 * * *")
    assert fresh_dag().timetable.expression == "0 */6 * * *"  # type: ignore[attr-defined]


@pytest.mark.parametrize("params", [{"profile": "gold"}, {"canaries": -1}, {"canaries": "five"}])
def test_the_form_refuses_bad_parameters(params: dict[str, object]) -> None:
    form = fresh_dag().params

    def submit() -> None:
        form.update(params)
        form.validate()

    with pytest.raises(ParamValidationError):
        submit()


@pytest.mark.usefixtures("airflow_database")
def test_a_run_enqueues_the_day_before_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRDUB_VAR", str(tmp_path))
    for name in ("AIRDUB_STORE", "AIRDUB_CATALOG"):
        monkeypatch.delenv(name, raising=False)
    with open_catalog(load_settings().catalog_url) as catalog:
        add_titles(catalog, ["film"])
        catalog.order(StandingOrder(order_id="es", language="es", profile="embedded"))
    midnight = datetime.combine(datetime.now(UTC).date(), datetime.min.time(), UTC)
    yesterday = fresh_dag().test(logical_date=midnight)
    assert str(yesterday.state) == "success"
    today = fresh_dag().test(logical_date=midnight + timedelta(days=1), run_conf={"canaries": 2})
    assert str(today.state) == "success"
    with open_catalog(load_settings().catalog_url) as catalog:
        (request,) = catalog.requests()
    assert (request.title_id, request.language) == ("film", "es")
    assert request.lane == f"dub_catalog {midnight:%Y-%m-%dT%H:%MZ}"
