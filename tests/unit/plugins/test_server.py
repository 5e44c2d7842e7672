"""Who may see what: nothing without a login, everything of dubs with one, nothing to change."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from starlette.routing import Route
from starlette.testclient import TestClient

from airdub.artifacts import ArtifactStore
from plugins.console import server as console_server
from plugins.console.server import create_console
from tests.airflow_home import PROJECT
from tests.unit.plugins.finished import FOLDER, VIDEO, FinishedRun

RUN = "/airdub/api/runs/film.es.20261121T134720.1a12%2Bb"


def test_every_route_wants_a_login(anybody: TestClient, run: FinishedRun) -> None:
    values = {"run_id": quote(run.run_id), "name": "dub", "side": "dub", "task_run_id": "task",
              "key:path": f"{FOLDER}/film.es.mp4"}  # fmt: skip
    routes = [route for route in create_console().routes if isinstance(route, Route)]
    assert len(routes) > 6
    for route in routes:
        path = route.path
        for name, value in values.items():
            path = path.replace(f"{{{name}}}", value)
        for method in route.methods or ():
            answer = anybody.request(method, f"/airdub{path}")
            assert answer.status_code == 401, (method, path)
            assert VIDEO[:50] not in answer.content


@pytest.mark.parametrize("token", ["", "nonsense", "a.b.c"])
def test_a_made_up_token_is_no_login(anybody: TestClient, run: FinishedRun, token: str) -> None:
    anybody.cookies.set("_token", token)
    assert anybody.get(RUN).status_code in (401, 403)


def test_the_login_of_airflows_own_pages_is_enough(
    anybody: TestClient, tokens: dict[str, str], run: FinishedRun
) -> None:
    anybody.cookies.set("_token", tokens["viewer"])
    assert anybody.get(RUN).status_code == 200


def test_people_without_a_login_are_told_where_to_get_one(anybody: TestClient) -> None:
    answer = anybody.get("/airdub/", headers={"Accept": "text/html"})
    assert answer.status_code == 401
    assert "log in" in answer.text.casefold()


def test_nothing_can_be_changed(viewer: TestClient, run: FinishedRun) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        for path in (RUN, f"/airdub/files/{FOLDER}/film.es.mp4", "/airdub/", "/airdub/api/reviews"):
            assert viewer.request(method, path).status_code == 405


@pytest.mark.parametrize("path", ["docs", "redoc", "openapi.json", "assets/index.html", "assets/x"])
def test_there_is_nothing_beside_its_routes(viewer: TestClient, path: str) -> None:
    assert viewer.get(f"/airdub/{path}").status_code == 404


def test_the_page_loads_only_its_own_bundle(viewer: TestClient) -> None:
    page = viewer.get("/airdub/")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    policy = page.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "http" not in page.text
    for name, kind in (("console.js", "text/javascript"), ("console.css", "text/css")):
        asset = viewer.get(f"/airdub/assets/{name}")
        assert asset.headers["content-type"].startswith(kind)
        assert b"//cdn" not in asset.content


def test_a_missing_bundle_is_said_clearly(
    viewer: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console_server, "BUNDLE", tmp_path)
    answer = viewer.get("/airdub/")
    assert answer.status_code == 503
    assert "make setup" in answer.text


def test_a_catalogue_that_is_away_is_said_without_secrets(
    viewer: TestClient, run: FinishedRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRDUB_CATALOG", "postgresql://dub:hush@127.0.0.1:1/catalog")
    answer = viewer.get(RUN)
    assert answer.status_code == 503
    assert "catalogue" in answer.json()["detail"]
    assert "hush" not in answer.text


def test_airflow_shows_it_as_a_page_and_on_runs(viewer: TestClient, store: ArtifactStore) -> None:
    [plugin] = [
        one for one in viewer.get("/api/v2/plugins").json()["plugins"] if one["name"] == "airdub"
    ]
    places = {view["destination"]: view["href"] for view in plugin["external_views"]}
    assert places["dag_run"] == "airdub/?dag_id={DAG_ID}&run_id={RUN_ID}"
    assert places["nav"] == "airdub/"
    assert viewer.get("/api/v2/plugins/importErrors").json()["total_entries"] == 0


def test_tasks_and_schedulers_load_nothing_of_it() -> None:
    code = (
        "import sys, airflow.sdk\n"
        "import plugins.airdub_plugin\n"
        "print([name for name in sys.modules if name.startswith(('plugins.console', 'fastapi'))])"
    )
    command = [sys.executable, "-c", code]
    answer = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    assert answer.stdout.splitlines()[-1] == "[]"
