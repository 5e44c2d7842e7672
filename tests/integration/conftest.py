"""The real DAG with the real engines, on the project's own samples."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from airdub.artifacts import ArtifactStore
from airdub.catalog import open_catalog
from airdub.consents import Use, new_consent
from airdub.drafts import Draft, RunSummary, summary_key
from airdub.requests import StageResult
from airdub.results import load_result
from airdub.settings import load_settings
from airdub.titles import title_id_of
from tests.airflow_home import PROJECT, use_own_home

HOME = use_own_home()
STAGES_PYTHON = PROJECT / ".venv-stages" / "bin" / "python"


@dataclass(frozen=True)
class Dub:
    """A finished run of the DAG."""

    store: ArtifactStore
    source: Path
    run_id: str
    summary: RunSummary
    draft: Draft

    def file(self, name: str) -> Path:
        """A file of the draft."""
        return self.store.local_path(self.draft.files[name].key)

    def result(self, stage: str) -> StageResult:
        """A stage's result."""
        print_ = self.draft.stages[stage].fingerprint
        found = load_result(self.store, f"work/{stage}/{print_[:2]}/{print_}/result.json")
        assert found is not None
        return found

    def output(self, stage: str, name: str) -> Path:
        """An output of a stage."""
        return self.store.local_path(self.result(stage).outputs[name].key)

    @property
    def computed(self) -> set[str]:
        """Stages that this run didn't find in the store."""
        return {stage for stage, cached in self.summary.cached.items() if not cached}


class Studio:
    """Dubs videos by `dub_video`, one run at a time, into one store."""

    def __init__(self, folder: Path) -> None:
        self.store = ArtifactStore((folder / "var" / "store").as_uri())

    def run(self, source: Path, languages: tuple[str, str], **params: Any) -> tuple[str, str]:
        """Run the DAG; returns its state and id."""
        from airflow.dag_processing.dagbag import DagBag

        order = {"source_language": languages[0], "target_language": languages[1], **params}
        self.agree(params.get("title_id") or title_id_of(str(source)))
        dag = DagBag(PROJECT / "dags").dags["dub_video"]  # anew: a test run leaves traces in it
        dag.deadline = None  # Airflow 3.3's test runs fail on one
        run = dag.test(run_conf={"source": str(source), **order})
        return str(run.state), run.run_id

    def agree(self, title_id: str) -> None:
        """Cast a title that has no cast: the samples' people are nobody, and agree to all."""
        synthetic = new_consent("nobody", list(Use), "0" * 64)
        with open_catalog(load_settings().catalog_url) as catalog:
            if not catalog.cast(title_id):
                catalog.grant(synthetic)
                catalog.set_cast(title_id, dict.fromkeys(("speaker_1", "ANNA", "BEN"), "nobody"))

    def dub(self, source: Path, languages: tuple[str, str], **params: Any) -> Dub:
        """Run the DAG to its draft."""
        state, run_id = self.run(source, languages, **params)
        assert state == "success"
        summary = RunSummary.model_validate_json(self.store.read(summary_key(run_id)))
        draft = Draft.model_validate_json(self.store.read(summary.manifest))
        return Dub(self.store, source, run_id, summary, draft)


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's samples, made anew."""
    folder = tmp_path_factory.mktemp("samples")
    command = [str(STAGES_PYTHON), "-m", "tests.media", "make", str(folder)]
    subprocess.run(command, cwd=PROJECT, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """An empty store, and an Airflow that works on it."""
    from airflow.utils.db import initdb

    initdb()
    folder = tmp_path_factory.mktemp("studio")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIRDUB_VAR", str(folder / "var"))
        patch.delenv("AIRDUB_STORE", raising=False)
        yield Studio(folder)


@pytest.fixture
def short(samples: Path, tmp_path: Path) -> Path:
    """The shortest sample with its script, in a folder of its own."""
    for name in ("short.mp4", "short.srt"):
        shutil.copy(samples / name, tmp_path / name)
    return tmp_path / "short.mp4"


def measure(dub: Dub, *, bed: Path | None = None) -> dict[str, Any]:
    """What `tests.media measure` finds in a dub; it runs in the stages' environment."""
    files = {
        "--source": dub.source,
        "--deliverable": dub.file("deliverable"),
        "--dialogue-stem": dub.file("dialogue_stem"),
        "--mix": dub.output("mix", "mix"),
        "--lips": dub.output("lipsync", "lips"),
        "--placements": dub.output("mix", "placements"),
    }
    if bed:
        files["--bed"] = bed
    arguments = [str(part) for pair in files.items() for part in pair]
    answer = subprocess.run(
        [str(STAGES_PYTHON), "-m", "tests.media", "measure", *arguments],
        cwd=PROJECT,
        check=True,
        capture_output=True,
    )
    found: dict[str, Any] = json.loads(answer.stdout)
    return found
