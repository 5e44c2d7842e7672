"""Watching runs over real HTTP, against a server that answers as Airflow's API does."""

from __future__ import annotations

import io
import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from rich.console import Console

from airdub.cli import watch as watching
from airdub.cli.watch import DubRun, Follow, watch
from airdub.errors import DependencyUnavailable, InvalidInput
from airdub.local.rest import AirflowApi
from airdub.orders import DubOrder

RUN = DubRun(
    DubOrder(title_id="film", source="/f.mp4", source_language="en", target_language="es"), "r1"
)


class Airflow(ThreadingHTTPServer):
    """Plays a run that goes one step further each time its tasks are asked for.

    Attributes:
        steps: task states by task id, one dict for each step; the run ends with the last.
        paused: whether the DAG is.
        down: number of requests to drop without an answer.
        locked: number of orders to answer as when its database is locked.
        started: ids of the runs that were ordered.
        token: the one that is valid now.
    """

    def __init__(self, steps: list[dict[str, str]]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.steps = steps
        self.step = 0
        self.paused = False
        self.down = 0
        self.locked = 0
        self.started: list[str] = []
        self.token = "first"  # noqa: S105 - of this play only
        self.logins = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Airflow

    def do_GET(self) -> None:
        if self.server.down:
            self.server.down -= 1
            self.close_connection = True
            return
        if self.headers.get("Authorization") != f"Bearer {self.server.token}":
            self.answer(401, {"detail": "log in"})
        elif self.path.endswith("probe/xcomEntries/progress?deserialize=true"):
            self.answer(200, {"value": "40 % (4 of 10 frames), 6 s left"})
        elif "/xcomEntries/" in self.path:
            self.answer(404, {"detail": "there is none"})
        elif "taskInstances" in self.path:
            self.answer(200, {"task_instances": self.tasks()})
        elif self.path == "/api/v2/dags/dub_video":
            self.answer(200, {"is_paused": self.server.paused})
        else:
            self.answer(200, {"state": self.run_state()})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/auth/token":
            self.server.logins += 1
            self.answer(201, {"access_token": self.server.token})
        elif body["conf"].get("bad"):
            self.answer(400, {"detail": "Invalid input for param source"})
        elif self.server.locked:
            self.server.locked -= 1
            self.answer(500, {"detail": "database is locked"})
        elif body["dag_run_id"] in self.server.started:
            self.answer(409, {"detail": "there is a run of that id"})
        else:
            self.server.started.append(body["dag_run_id"])
            self.answer(200, {})

    def run_state(self) -> str:
        last = self.server.steps[-1].values()
        if self.server.step < len(self.server.steps):
            return "running"
        return "failed" if "failed" in last else "success"

    def tasks(self) -> list[dict[str, Any]]:
        at = min(self.server.step, len(self.server.steps) - 1)
        self.server.step += 1
        return [
            {
                "task_id": name,
                "state": state,
                "duration": 1.25,
                "try_number": 1,
                "end_date": "2026-01-01" if state in ("success", "failed") else None,
            }
            for name, state in self.server.steps[at].items()
        ]

    def answer(self, status: int, body: dict[str, Any]) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def airflow(monkeypatch: pytest.MonkeyPatch) -> Iterator[Airflow]:
    monkeypatch.setattr(watching, "_POLL_S", 0.05)
    monkeypatch.setattr(watching, "_PROGRESS_EVERY_S", 0.0)
    monkeypatch.setattr(watching, "_PLAIN_PROGRESS_EVERY_S", 0.0)
    steps = [
        {"probe": "running", "mix": None},
        {"probe": "success", "mix": "running"},
        {"probe": "success", "mix": "deferred"},
        {"probe": "success", "mix": "up_for_retry"},
        {"probe": "success", "mix": "success"},
    ]
    with Airflow(steps) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def never(run: DubRun) -> None:
    """No run goes on."""


def watch_text(server: Airflow, *, terminal: bool = False, follow: Follow | None = None) -> str:
    out = io.StringIO()
    console = Console(file=out, width=120, force_terminal=terminal)
    watched = watch(console, AirflowApi(server.url, "admin", "secret"), [RUN], follow or never)
    assert {state.state for state in watched.states.values()} == {"success"}
    return out.getvalue()


def test_without_a_terminal_every_change_is_a_line(airflow: Airflow) -> None:
    lines = watch_text(airflow).splitlines()
    assert "film > es  probe: 40 % (4 of 10 frames), 6 s left" in lines
    assert "film > es    1/2  probe: done in 1.2 s" in lines
    assert "film > es  mix: running" in lines
    assert "film > es  mix: waiting" in lines
    assert "film > es    1/2  mix: failed, will be tried again" in lines
    assert lines[-1] == "film > es    2/2  mix: done in 1.2 s"


def test_in_a_terminal_running_tasks_have_a_live_line(airflow: Airflow) -> None:
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", watch_text(airflow, terminal=True))
    assert "probe: running" in text or "probe: 40 %" in text
    assert "film > es    2/2  mix: done in 1.2 s" in text


def test_a_repair_is_watched_to_its_end(airflow: Airflow) -> None:
    asked: list[str] = []

    def follow(run: DubRun) -> DubRun | None:
        asked.append(run.run_id)
        order = RUN.order.model_copy(update={"attempt": 2})
        return DubRun(order, "r1.a2") if run is RUN else None

    lines = watch_text(airflow, follow=follow).splitlines()
    assert asked == ["r1", "r1.a2"]
    assert "film > es  goes on as film > es (attempt 2)" in lines
    assert lines[-1] == "film > es (attempt 2)    2/2  mix: done in 1.2 s"


def test_an_api_that_restarts_is_waited_for(airflow: Airflow) -> None:
    airflow.down = 5
    assert "mix: done" in watch_text(airflow)


def test_a_token_that_expires_is_renewed(airflow: Airflow) -> None:
    api = AirflowApi(airflow.url, "admin", "secret")
    assert api.run_state("dub_video", "r1") == "running"
    airflow.token = "second"  # noqa: S105
    assert api.run_state("dub_video", "r1") == "running"
    assert airflow.logins == 2


def test_airflows_word_on_bad_parameters_is_handed_on(airflow: Airflow) -> None:
    with pytest.raises(InvalidInput, match="400: Invalid input for param source"):
        AirflowApi(airflow.url, "admin", "secret").trigger("dub_video", "r1", {"bad": True})


def test_a_paused_dag_is_named_before_a_run_waits_in_it(airflow: Airflow) -> None:
    airflow.paused = True
    with pytest.raises(InvalidInput, match="dub_video is paused"):
        AirflowApi(airflow.url, "admin", "secret").trigger("dub_video", "r1", {})


def test_a_database_that_is_locked_for_a_moment_loses_no_run(airflow: Airflow) -> None:
    api = AirflowApi(airflow.url, "admin", "secret")
    airflow.locked = 2
    api.trigger("dub_video", "r1", {})
    api.trigger("dub_video", "r1", {})
    assert airflow.started == ["r1"]


def test_a_database_that_stays_locked_is_named(airflow: Airflow) -> None:
    airflow.locked = 99
    with pytest.raises(DependencyUnavailable, match="500: database is locked"):
        AirflowApi(airflow.url, "admin", "secret").trigger("dub_video", "r1", {})


def test_an_airflow_that_is_not_there_is_named() -> None:
    with pytest.raises(DependencyUnavailable, match=r"127\.0\.0\.1:9.*airdub up"):
        AirflowApi("http://127.0.0.1:9", "admin", "secret").run_state("dub_video", "r1")
