"""Titles that wait in the queue, and warming runs for them, by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from airdub.artifacts import file_digest
from airdub.batches import BatchRequest
from airdub.catalog import open_catalog
from airdub.library.documents import FileBeside, SourceVersion, Title
from airdub.queue.documents import Request, new_request
from airdub.requests import StageResult
from airdub.results import load_result
from airdub.settings import load_settings
from dags.dub_video_groups.pipeline import stage_wiring
from operators.ingest import IngestOperator
from operators.stage_process import StageProcessOperator
from operators.warm_choice import ChooseRequestsOperator, Chosen
from operators.warm_stage import Warmed, WarmProcessOperator
from operators.warming.standing import stages_before
from tests.fakes.stage_python import commit_batch

from .conftest import Flow

WIRING = stage_wiring()


def enqueue(folder: Path, *names: str, language: str = "es", **fields: Any) -> list[Request]:
    """Register titles, each a file of its own in the folder, and ask for them in a language."""
    requests = []
    with open_catalog(load_settings().catalog_url) as catalog:
        for name in names:
            path = folder / f"{name}.mp4"
            path.write_bytes(f"moving pictures of {name}".encode())
            sha256, size = file_digest(path)
            file = FileBeside(ending="", location=str(path), sha256=sha256, bytes=size, stamp="1")
            version = SourceVersion.of(name, [file], 2.0)
            title = Title(
                title_id=name, name=name, source_language="en", location=str(path),
                version=version.version, duration_s=2.0, **fields,
            )  # fmt: skip
            catalog.register(title, version)
            requests.append(
                new_request(name, language, version.version, "plan", profile="embedded")
            )
        catalog.enqueue(requests, "test")
    return requests


def choose(flow: Flow, stage: str, most: int = 32, engine: str | None = None) -> Chosen:
    """The first task of a run; each run has a name of its own."""
    flow.params = {"stage": stage, "most": most, "engine": engine}
    chosen: Chosen = flow.run(ChooseRequestsOperator(task_id="choose", wiring=WIRING))
    return chosen


def make(flow: Flow) -> Warmed:
    """The second task."""
    warmed: Warmed = flow.run(WarmProcessOperator(task_id="warm", chosen="choose"))
    return warmed


def warm(flow: Flow, stage: str, most: int = 32, engine: str | None = None) -> Warmed:
    """A whole run."""
    flow.run_id = f"warm-{stage}-{len(flow.xcoms)}"
    choose(flow, stage, most, engine)
    return make(flow)


def batch_of(flow: Flow) -> BatchRequest:
    """What was chosen last."""
    return BatchRequest.model_validate_json(flow.store.read(flow.xcoms["choose"]["batch_key"]))


def made_before(flow: Flow, stage: str) -> None:
    """Make what a stage stands on, for all that waits, without processes."""
    for one in stages_before(WIRING, stage):
        choose(flow, one)
        commit_batch(flow.store, batch_of(flow))


def dub(flow: Flow, request: Request, until: str) -> dict[str, bool]:
    """A title's own run up to a stage: which of its stages were cached."""
    flow.run_id = request.run_id
    flow.params = {
        "title_id": request.title_id,
        "source": str(flow.folder / f"{request.title_id}.mp4"),
        "source_language": "en",
        "target_language": request.language,
        "profile": request.profile,
        "attempt": 1,
    }
    flow.run(IngestOperator(task_id="ingest"))
    stages = [*stages_before(WIRING, until), until]
    return {
        stage: flow.run(StageProcessOperator(task_id=stage, stage=stage, inputs=WIRING[stage]))[
            "cached"
        ]
        for stage in stages
    }


def result_of(flow: Flow, stage: str) -> StageResult:
    """The result of a stage of the title that was dubbed last."""
    result = load_result(flow.store, flow.xcoms[stage]["result_key"])
    assert result is not None
    return result
