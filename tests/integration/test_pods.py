"""A whole Airflow whose stages are pods: its triggerer is killed, and a waiting task is cleared."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from airdub.local.home import ADMIN
from airdub.local.rest import AirflowApi
from airdub.pods import PODS_POOL
from airdub.stages import STAGES
from operators.progress import PROGRESS
from tests.integration.installation import Installation, eventually, kill
from tests.kubernetes.conftest import film, image, parts, site, stages_python
from tests.kubernetes.server import TOKEN
from tests.kubernetes.site import SECRET, Site
from tests.s3 import s3_process

__all__ = ["film", "image", "parts", "s3_process", "site", "stages_python"]

RUN = "film-es"
PROBE = "prepare.probe"


class Dubs:
    """The run of one film."""

    def __init__(self, api: AirflowApi) -> None:
        self._api = api

    def start(self, params: dict[str, Any]) -> None:
        """Order the film."""
        order = {name: params[name] for name in ("source", "source_language", "target_language")}
        self._api.trigger("dub_video", RUN, order)

    def state(self, task: str = "") -> str | None:
        """State of the run, or of a task in it."""
        state: str | None = self._get(f"/taskInstances/{task}" if task else "").get("state")
        return state

    def at_work(self) -> list[str]:
        """Tasks that the console shows as at work."""
        found = self._get("/taskInstances?state=running&state=deferred")
        return [task["task_id"] for task in found["task_instances"]]

    def waiting(self, pool: str) -> tuple[bool, int]:
        """Whether a pool counts waiting tasks, and how many of its slots they have."""
        found = self._api._request("GET", f"/api/v2/pools/{pool}").json()
        return found["include_deferred"], found["deferred_slots"]

    def progress(self, task: str) -> str | None:
        """What Airflow shows of a task while it works."""
        told: str | None = self._api.xcom("dub_video", RUN, task, PROGRESS)
        return told

    def log(self, task: str) -> str:
        """The log of a task's first try, as the UI shows it."""
        return str(self._get(f"/taskInstances/{task}/logs/1").get("content"))

    def _get(self, what: str) -> dict[str, Any]:
        path = f"/api/v2/dags/dub_video/dagRuns/{RUN}{what}"
        answer = self._api._request("GET", path, headers={"Accept": "application/json"})
        found: dict[str, Any] = answer.json()
        return found

    def clear(self, task: str) -> None:
        """As a person does it in the UI."""
        asked = {
            "dry_run": False,
            "dag_run_id": RUN,
            "task_ids": [task],
            "only_failed": False,
            "include_downstream": False,
            "reset_dag_runs": False,  # Airflow 3.3.2 fails to reset runs with deadlines
        }
        answer = self._api._request("POST", "/api/v2/dags/dub_video/clearTaskInstances", json=asked)
        assert answer.is_success, answer.text


@pytest.fixture
def installation(site: Site, tmp_path: Path) -> Iterator[Installation]:
    folder = tmp_path / "airflow"
    folder.mkdir()
    connection = f"kubernetes://?kube_config_path={tmp_path / 'kubeconfig'}"
    made = Installation(folder, AIRFLOW_CONN_KUBERNETES_DEFAULT=connection)
    made.environment["AIRDUB_STORE"] = site.store.url
    try:
        # a busy machine answers late; `up` goes on where it was
        assert any(made.airdub("up").wait(300) == 0 for _ in range(3))
        yield made
    finally:
        made.airdub("down").wait(120)


def test_a_killed_triggerer_and_a_cleared_task(site: Site, installation: Installation) -> None:
    site.steps("probe", "hang;ok")
    running = installation.airflow.running()
    assert running is not None
    dubs = Dubs(AirflowApi(running.url, ADMIN, installation.airflow.home.password))
    dubs.start(site.params)
    created = site.cluster.created
    assert eventually(lambda: bool(created and created[0].lines), 120)
    assert eventually(lambda: dubs.state(PROBE) == "deferred")
    assert eventually(lambda: dubs.progress(PROBE) == "50 % (1 of 2 frames), 2 s left")
    assert dubs.at_work() == [PROBE]
    assert dubs.waiting(PODS_POOL) == (True, 1)
    kill(installation.pid_of("airflow triggerer"))
    calls = len(site.cluster.calls)
    assert eventually(lambda: len(site.cluster.calls) > calls + 20, 120), "nobody watches"
    assert eventually(lambda: "Progress: 50 % (1 of 2 frames)" in dubs.log(PROBE), 30)
    assert (len(created), created[0].over, dubs.state(PROBE)) == (1, False, "deferred")
    dubs.clear(PROBE)
    assert eventually(lambda: created[0].over and created[0].name not in site.cluster.pods, 60)
    assert eventually(lambda: dubs.state() in ("success", "failed"), 400)
    assert dubs.state() == "success"
    assert sorted(pod.stage for pod in created) == sorted([*STAGES, "probe"])
    assert site.orphans() == []
    kept = {file: file.read_bytes() for file in installation.folder.rglob("*") if file.is_file()}
    logs = b"".join(data for file, data in kept.items() if file.suffix == ".log")
    assert b"Started pod airdub-mux" in logs
    told = [
        file for file, data in kept.items() if SECRET.encode() in data or TOKEN.encode() in data
    ]
    assert told == []
