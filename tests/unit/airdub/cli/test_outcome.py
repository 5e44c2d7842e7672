"""How it ended: a row for each title, and each failed task's own words."""

from __future__ import annotations

import io

from rich.console import Console

from airdub.artifacts import ArtifactRef, ArtifactStore
from airdub.cli.outcome import show_outcome
from airdub.cli.watch import DubRun, RunState
from airdub.drafts import Draft, RunSummary, StageRecord, summary_key
from airdub.errors import EngineFailed, InvalidInput
from airdub.failures import FailureRecord, record_failure
from airdub.orders import DubOrder
from airdub.requests import EngineRef, Provenance

ORDER = DubOrder(
    title_id="film", source="/films/film.mp4", source_language="en", target_language="es"
)
RUN = DubRun(ORDER, "run-1")


def show(store: ArtifactStore, *runs: tuple[DubRun, RunState]) -> tuple[str, int]:
    out = io.StringIO()
    states = {run.run_id: state for run, state in runs}
    console = Console(file=out, width=200)
    code = show_outcome(console, store, [run for run, _ in runs], states)
    return out.getvalue(), code


def failed(*tasks: str) -> RunState:
    return RunState(
        "failed",
        {
            name: {"task_id": name, "state": "failed", "end_date": f"2026-01-0{number}"}
            for number, name in enumerate(tasks, 1)
        },
    )


def finish(store: ArtifactStore) -> None:
    record = StageRecord(
        fingerprint="f",
        provenance=Provenance(engine=EngineRef(name="any", version="1")),
        measurements={},
        warnings=("one line is 0.4 s too long",),
        n_scored=0,
        n_skipped=0,
        wall_s=2.5,
        peak_memory_mb=1,
    )
    file = ArtifactRef(key="drafts/film/es/ab/film.es.mp4", sha256="0", bytes=1, media_type="v")
    draft = Draft(
        order=ORDER,
        digest="ab",
        duration_s=12.04,
        files={"deliverable": file},
        stages={"probe": record.model_copy(update={"warnings": ()}), "mix": record},
    )
    store.write("drafts/film/es/ab/manifest.json", draft.to_json())
    summary = RunSummary(
        manifest="drafts/film/es/ab/manifest.json", cached={"probe": True, "mix": False}
    )
    store.write(summary_key("run-1"), summary.to_json())


def test_a_finished_title_has_its_row_and_warnings(store: ArtifactStore) -> None:
    finish(store)
    text, code = show(store, (RUN, RunState("success")))
    assert code == 0
    row = next(line for line in text.splitlines() if "film.es.mp4" in line)
    cells = [cell.strip() for cell in row.split("│")]
    assert cells[1:7] == ["film", "en > es", "12.0 s", "2.5", "1 cached, 1 computed", "1"]
    assert cells[7] == "film.es.mp4"
    assert f"film > es  in {store.path('drafts/film/es/ab')}" in text
    assert "film > es  mix: one line is 0.4 s too long" in text


def test_a_failed_title_gives_its_tasks_words_and_exit_code(store: ArtifactStore) -> None:
    finish(store)
    other = DubRun(ORDER.model_copy(update={"title_id": "other"}), "run-2")
    for number, error in enumerate(
        (EngineFailed("bug"), InvalidInput("no audio", where="film.mp4", remedy="add sound")), 1
    ):
        record = FailureRecord.of(error, try_number=number, max_tries=15)
        record_failure(store, "run-2", "prepare.probe", record)
    text, code = show(store, (RUN, RunState("success")), (other, failed("prepare.probe")))
    assert code == 65
    assert "other > es  prepare.probe FAILED: film.mp4: no audio. What to do: add sound" in text


def test_a_task_that_died_without_a_word_still_ends_with_a_failure(store: ArtifactStore) -> None:
    text, code = show(store, (RUN, failed("voice.mix")))
    assert code == 70
    assert "voice.mix FAILED: its process ended without a word" in text
