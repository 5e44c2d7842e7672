"""Operators run without Airflow's database: a context of the few things that they read."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from airdub.artifacts import ArtifactStore
from airdub.settings import load_settings
from tests.airflow_home import use_own_home
from tests.fakes.stage_python import install

use_own_home()


class TaskInstance:
    """What operators use of Airflow's task instance."""

    def __init__(self, task_id: str, xcoms: dict[str, Any]) -> None:
        self.task_id = task_id
        self.try_number = 1
        self._xcoms = xcoms
        self.told: list[tuple[str, Any]] = []
        self.queued = 0

    def get_dr_count(self, dag_id: str, states: list[str]) -> int:
        """Runs of the DAG in these states."""
        return self.queued if states == ["queued"] else 0

    def xcom_pull(self, task_ids: str) -> Any:
        """The value that a task returned."""
        return self._xcoms.get(task_ids)

    def xcom_push(self, key: str, value: Any) -> None:
        """Keep what the task tells while it works."""
        self.told.append((key, value))


class Flow:
    """Runs tasks by hand, one after the other, as a DAG run would.

    Attributes:
        store: real, below the test's folder.
        fakes: folder where the stages' interpreter counts its calls.
        told: what tasks told while they worked, by key.
        queued: runs that wait for their turn, of every DAG.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.fakes = folder / "fakes"
        self.store = ArtifactStore(load_settings().store_url)
        self.xcoms: dict[str, Any] = {}
        self.told: list[tuple[str, Any]] = []
        self.queued = 0
        self.run_id = "run-1"
        self.params: dict[str, Any] = {
            "title_id": "film",
            "source": str(folder / "film.mp4"),
            "source_language": "en",
            "target_language": "es",
            "profile": "embedded",
            "attempt": 1,
        }

    def context(self, task_id: str) -> Any:
        """The context that Airflow would give to a task."""
        ti = TaskInstance(task_id, self.xcoms)
        ti.told = self.told
        ti.queued = self.queued
        return {
            "ti": ti,
            "run_id": self.run_id,
            "params": self.params,
            "dag_run": SimpleNamespace(dag_id="dub_video", run_id=self.run_id),
        }

    def run(self, operator: Any) -> Any:
        """Execute a task and keep what it returns."""
        self.xcoms[operator.task_id] = operator.execute(self.context(operator.task_id))
        return self.xcoms[operator.task_id]

    def starts(self, stage: str) -> int:
        """How many processes of a stage were started."""
        counter = self.fakes / f"{stage}.tries"
        return len(counter.read_text().splitlines()) if counter.exists() else 0


@pytest.fixture
def flow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Flow:
    """A run of `film.mp4`, English to Spanish, with a stages' interpreter of small results."""
    python = install(tmp_path)
    (tmp_path / "fakes").mkdir()
    (tmp_path / "film.mp4").write_bytes(b"moving pictures")
    monkeypatch.setenv("AIRDUB_VAR", str(tmp_path / "var"))
    monkeypatch.delenv("AIRDUB_STORE", raising=False)
    monkeypatch.delenv("AIRDUB_CATALOG", raising=False)
    monkeypatch.delenv("AIRDUB_SOURCE_ROOTS", raising=False)
    monkeypatch.setenv("AIRDUB_STAGES_PYTHON", str(python))
    monkeypatch.setenv("FAKE_FOLDER", str(tmp_path / "fakes"))
    return Flow(tmp_path)
