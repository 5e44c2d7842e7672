"""A draft: the files, whole and in place, and a manifest that says how they were made."""

from __future__ import annotations

import hashlib

import pytest

from airdub.drafts import Draft, RunSummary, summary_key
from airdub.stages import STAGES
from operators.deliver import FILES

from .conftest import Flow
from .pipeline import ORDER, deliver, run_all


@pytest.fixture
def finished(flow: Flow) -> Flow:
    run_all(flow)
    deliver(flow)
    return flow


def draft(flow: Flow) -> Draft:
    return Draft.model_validate_json(flow.store.read(flow.xcoms["draft"]["result_key"]))


def test_every_file_is_in_place_with_its_hash(finished: Flow) -> None:
    found = draft(finished)
    assert set(found.files) == set(FILES)
    for ref in found.files.values():
        content = finished.store.read(ref.key)
        assert hashlib.sha256(content).hexdigest() == ref.sha256
    folder = f"drafts/film/es/{found.digest[:12]}"
    assert found.files["deliverable"].key == f"{folder}/film.es.mp4"
    assert finished.store.list(folder) == sorted(
        [f"{folder}/manifest.json", *(ref.key for ref in found.files.values())]
    )


def test_the_manifest_tells_engines_measurements_and_warnings(finished: Flow) -> None:
    found = draft(finished)
    assert list(found.stages) == ORDER
    assert found.stages["translate"].provenance.engine.name == "apertium"
    assert found.stages["mix"].warnings == ("a warning",)
    assert found.duration_s == 2.0


def test_the_same_work_gives_the_same_bytes(finished: Flow) -> None:
    first = {key: finished.store.read(key) for key in finished.store.list("drafts")}
    run_all(finished)
    assert deliver(finished)["cached"] is True
    assert {key: finished.store.read(key) for key in finished.store.list("drafts")} == first


def test_the_summary_tells_what_was_computed(finished: Flow) -> None:
    def cached() -> set[bool]:
        summary = RunSummary.model_validate_json(finished.store.read(summary_key("run-1")))
        return set(summary.cached.values())

    assert cached() == {False}
    run_all(finished)
    deliver(finished)
    assert cached() == {True}
    assert {stage: finished.starts(stage) for stage in STAGES} == dict.fromkeys(STAGES, 1)


def test_editing_a_draft_changes_nothing_that_later_runs_use(finished: Flow) -> None:
    path = finished.store.local_path(draft(finished).files["deliverable"].key)
    path.write_bytes(b"edited by hand, with another size")
    run_all(finished)
    deliver(finished)
    assert finished.starts("mux") == 1
    content = path.read_bytes()
    assert hashlib.sha256(content).hexdigest() == draft(finished).files["deliverable"].sha256
