"""Reviews in a real Airflow: the worst is asked first, one at a time, and answers are followed."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from airdub.artifacts import ArtifactStore
from airdub.catalog import Catalog, open_catalog
from airdub.drafts import order_key
from airdub.gates import Consequence
from airdub.local.rest import AirflowApi
from airdub.local.service import LocalAirflow
from airdub.orders import DubOrder
from airdub.settings import load_settings
from tests.unit.airdub.catalog.judged import judgement, verdict

ASK = "/api/v2/dags/review_dub/dagRuns/{}/taskInstances/ask/-1/hitlDetails"


class Desk:
    """A reviewer at an Airflow that shows one review at a time."""

    def __init__(self, airflow: LocalAirflow) -> None:
        running = airflow.running()
        assert running
        self.url = running.url
        self.api: AirflowApi = airflow.api(running)

    def open(self) -> dict[str, Any]:
        """The questions that wait, by the id of their run."""
        found = self.api._get("/api/v2/dags/~/dagRuns/~/hitlDetails?response_received=false")
        return {one["task_instance"]["dag_run_id"]: one for one in found["hitl_details"]}

    def answer(self, run_id: str, option: str, **words: str) -> int:
        """Answer a question; the status of the answer."""
        body = {"chosen_options": [option], "params_input": {"why": "", "notes": "", **words}}
        return self.api._request("PATCH", ASK.format(run_id), json=body).status_code


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIRDUB_VAR", str(tmp_path_factory.mktemp("reviews") / "var"))
        patch.setenv("AIRDUB_OPEN_REVIEWS", "1")
        for name in ("AIRDUB_STORE", "AIRDUB_CATALOG", "AIRDUB_RELEASES"):
            patch.delenv(name, raising=False)
        airflow = LocalAirflow(load_settings())
        airflow.up(lambda line: print(line, file=sys.stderr))
        yield Desk(airflow)
        airflow.down(lambda line: None)


@pytest.fixture(scope="module")
def catalog(desk: Desk) -> Iterator[Catalog]:
    """Two titles wait; the second is the worse."""
    settings = load_settings()
    store = ArtifactStore(settings.store_url)
    with open_catalog(settings.catalog_url) as opened:
        for name, failing in (("mild", 1), ("worst", 4)):
            found = verdict(Consequence.REVIEW, f"evaluation of {name}", 1)
            found = found.model_copy(update={"reasons": found.reasons[:1] * failing})
            opened.record_judgement(
                judgement(name, "review", run={"title_id": name}, verdict=found)
            )
            order = DubOrder(
                title_id=name, source="/gone.mp4", source_language="en", target_language="es-419"
            )
            store.write(order_key(name), order.to_json())
        yield opened


def eventually(found: Callable[[], Any], limit_s: float = 240) -> Any:
    limit = time.monotonic() + limit_s
    while not (value := found()) and time.monotonic() < limit:
        time.sleep(0.5)
    assert value
    return value


def test_the_worst_is_asked_first_and_alone(desk: Desk, catalog: Catalog) -> None:
    for name in ("mild", "worst"):
        desk.api.trigger("review_dub", f"{name}.review", {"run_id": name})
    [(run_id, question)] = eventually(desk.open).items()
    assert question["subject"].startswith("worst ")
    assert "segment=s0002" in question["body"]
    assert [one.task_run_id for one in catalog.open_review_tasks()] == [run_id]
    runs = {run_id, "mild.review", "worst.review"}
    states = {name: desk.api.run_state("review_dub", name) for name in runs}
    assert [name for name, state in states.items() if state == "running"] == [run_id]


def test_the_console_lists_what_waits_for_those_who_are_logged_in(
    desk: Desk, catalog: Catalog
) -> None:
    assert httpx.get(f"{desk.url}/airdub/api/reviews").status_code == 401
    assert httpx.get(f"{desk.url}/airdub/").status_code == 401
    assert "assets/console.js" in desk.api._request("GET", "/airdub/").text
    listed = desk.api._get("/airdub/api/reviews")
    assert [one["run_id"] for one in listed] == ["worst", "mild"]
    assert [bool(one["task_run_id"]) for one in listed] == [True, False]


def test_a_waiver_without_a_reason_is_asked_for_again_and_a_rejection_is_kept(
    desk: Desk, catalog: Catalog
) -> None:
    [run_id] = desk.open()
    assert desk.answer(run_id, "Publish with waiver", why="  ") == 200
    assert eventually(lambda: run_id in desk.open())
    assert desk.answer(run_id, "Reject", why="wrong voice") == 200
    held = eventually(lambda: catalog.quarantine("worst"))
    assert (held.state, held.reason) == ("held", "wrong voice")
    review = catalog.review("worst")
    assert review is not None
    assert (review.state, review.who) == ("reject", "admin")
    assert eventually(lambda: desk.api.run_state("review_dub", run_id) == "success")
    assert catalog.publications() == []


def test_then_the_next_one_is_asked_and_a_redo_starts_the_next_attempt(
    desk: Desk, catalog: Catalog
) -> None:
    [(run_id, question)] = eventually(desk.open).items()
    assert question["subject"].startswith("mild ")
    assert desk.answer(run_id, "Redo with notes", notes="s0002 is mumbled") == 200

    def started() -> Any:
        answer = desk.api._request("GET", "/api/v2/dags/dub_video/dagRuns/mild.a2")
        return answer.json() if answer.is_success else None

    run = eventually(started)
    assert run["note"] == "admin: s0002 is mumbled"
    assert (run["conf"]["attempt"], run["conf"]["parent_run_id"]) == (2, "mild")
    assert run["conf"]["repair"]["lines"][0]["segment_id"] == "s0002"
    assert desk.open() == {}
    assert desk.answer(run_id, "Reject", why="too late") == 409
