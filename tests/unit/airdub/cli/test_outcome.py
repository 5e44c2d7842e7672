"""How it ended: a gate table and a row for each title, every attempt's reasons, the exit code."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import pytest
from rich.console import Console

from airdub.artifacts import ArtifactRef, ArtifactStore
from airdub.catalog import Catalog, Release, open_catalog
from airdub.cli.attempts import next_run, titles
from airdub.cli.outcome import show_outcome
from airdub.cli.watch import DubRun, RunState
from airdub.drafts import Draft, StageRecord
from airdub.errors import EngineFailed, InvalidInput
from airdub.failures import FailureRecord, record_failure
from airdub.gates import Consequence
from airdub.orders import DubOrder
from airdub.requests import EngineRef, Provenance
from airdub.settings import load_settings
from tests.unit.airdub.catalog.judged import TITLE_ID, judgement

ORDER = DubOrder(
    title_id=TITLE_ID, source="/films/film.mp4", source_language="en", target_language="es-419"
)
URL = "http://127.0.0.1:8080"
LABEL = f"{TITLE_ID} > es-419"


@pytest.fixture
def catalog(store: ArtifactStore) -> Iterator[Catalog]:
    with open_catalog(load_settings().catalog_url) as opened:
        yield opened


def run(run_id: str = "run", attempt: int = 1) -> DubRun:
    return DubRun(ORDER.model_copy(update={"attempt": attempt}), run_id)


def finish(
    store: ArtifactStore,
    catalog: Catalog,
    run_id: str,
    consequence: Consequence,
    *,
    attempt: int = 1,
    best: str = "",
) -> None:
    """Leave a judged run and its draft."""
    judged = judgement(run_id, consequence, attempt=attempt, best_run_id=best or run_id)
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
    folder = judged.run.manifest.rpartition("/")[0]
    file = ArtifactRef(key=f"{folder}/film.es.mp4", sha256="0", bytes=1, media_type="v")
    draft = Draft(
        order=ORDER,
        digest="ab",
        duration_s=12.04,
        files={"deliverable": file},
        stages={"probe": record.model_copy(update={"warnings": ()}), "mix": record},
    )
    store.write(judged.run.manifest, draft.to_json())
    catalog.record_judgement(judged)


def shown(
    store: ArtifactStore, catalog: Catalog, *ended: tuple[DubRun, RunState]
) -> tuple[list[str], int]:
    """Printed lines, and the exit code."""
    out = io.StringIO()
    console = Console(file=out, width=200)
    states = {run.run_id: state for run, state in ended}
    found = titles(catalog, [run for run, _ in ended], states)
    code = show_outcome(console, store, catalog, found, URL)
    return out.getvalue().splitlines(), code


def cells(lines: list[str], word: str) -> list[str]:
    """Cells of the first table row with a word."""
    row = next(line for line in lines if word in line and "│" in line)
    return [cell.strip() for cell in row.strip("│").split("│")]


DONE = RunState("success")


def failed(*tasks: str) -> RunState:
    return RunState(
        "failed",
        {
            name: {"task_id": name, "state": "failed", "end_date": f"2026-01-0{number}"}
            for number, name in enumerate(tasks, 1)
        },
    )


def test_an_approved_title_has_its_gate_table_its_row_and_its_release(
    store: ArtifactStore, catalog: Catalog
) -> None:
    finish(store, catalog, "run", Consequence.PUBLISH)
    catalog.record_release(
        Release(
            release_id="r1",
            title_id=TITLE_ID,
            language="es-419",
            run_id="run",
            folder=f"releases/{TITLE_ID}/es-419/r1",
            sha256="0" * 64,
        )
    )
    lines, code = shown(store, catalog, (run(), DONE))
    assert code == 0
    assert f"{LABEL}: APPROVED (attempt 1)" in "\n".join(lines)
    assert cells(lines, "word error rate") == [
        "word error rate", "0.31 share", "<= 0.065", "s0002 0.9", "<= 0.5", "FAIL",
    ]  # fmt: skip
    assert cells(lines, "film.es.mp4") == [
        TITLE_ID, "en > es-419", "1", "APPROVED", "12.0 s", "2.5", "1 cached, 2 computed", "1",
        "film.es.mp4",
    ]  # fmt: skip
    assert f"{LABEL}  mix: one line is 0.4 s too long" in lines
    assert f"{LABEL}  release r1 (current) in releases/{TITLE_ID}/es-419/r1" in lines


def test_a_title_that_waits_says_where_and_why(store: ArtifactStore, catalog: Catalog) -> None:
    finish(store, catalog, "run", Consequence.REVIEW)
    lines, code = shown(store, catalog, (run(), DONE))
    assert code == 0
    assert f"{LABEL}  waits for a person: {URL}/plugin/dub-reviews/airdub/?run_id=run" in lines
    assert any(re.search("because word_error_rate of s0002 is 0.9", line) for line in lines)


def test_every_attempt_is_told_and_the_last_one_decides(
    store: ArtifactStore, catalog: Catalog
) -> None:
    finish(store, catalog, "run", Consequence.REPAIR)
    finish(store, catalog, "run.a2", Consequence.REVIEW, attempt=2, best="run")
    lines, code = shown(store, catalog, (run(), DONE), (run("run.a2", 2), DONE))
    assert code == 0
    assert cells(lines, "film.es.mp4")[2:4] == ["2", "REVIEW"]
    told = [line.removeprefix(f"{LABEL}  ") for line in lines if "attempt" in line]
    assert [line for line in told if line.startswith("attempt")] == [
        "attempt 1: RETRY",
        "attempt 2: REVIEW",
    ]
    assert f"{LABEL}    the next attempt repairs s0002" in lines
    assert f"{LABEL}    the best attempt is run" in lines


def test_a_rejected_title_ends_the_command_with_1(store: ArtifactStore, catalog: Catalog) -> None:
    finish(store, catalog, "run", Consequence.QUARANTINE)
    lines, code = shown(store, catalog, (run(), DONE))
    assert (code, cells(lines, "film.es.mp4")[3]) == (1, "REJECTED")


def test_a_failed_title_gives_its_tasks_words_and_exit_code(
    store: ArtifactStore, catalog: Catalog
) -> None:
    finish(store, catalog, "run", Consequence.PUBLISH)
    other = DubRun(ORDER.model_copy(update={"title_id": "other"}), "run-2")
    for number, error in enumerate(
        (EngineFailed("bug"), InvalidInput("no audio", where="film.mp4", remedy="add sound")), 1
    ):
        record = FailureRecord.of(error, try_number=number, max_tries=15)
        record_failure(store, "run-2", "prepare.probe", record)
    lines, code = shown(store, catalog, (run(), DONE), (other, failed("prepare.probe")))
    assert code == 65
    assert cells(lines, "other")[3] == "failed"
    words = "prepare.probe FAILED: film.mp4: no audio. What to do: add sound"
    assert f"other > es-419  {words}" in lines


def test_an_approved_title_that_was_not_published_is_a_failure(
    store: ArtifactStore, catalog: Catalog
) -> None:
    finish(store, catalog, "run", Consequence.PUBLISH)
    lines, code = shown(store, catalog, (run(), failed("judge.publish")))
    assert code == 70
    words = "judge.publish FAILED: its process ended without a word; see its log"
    assert f"{LABEL}  {words}" in lines


def test_the_run_that_repairs_follows(store: ArtifactStore, catalog: Catalog) -> None:
    finish(store, catalog, "run", Consequence.REPAIR)
    assert next_run(catalog, run()) is None  # it wasn't started
    catalog.set_state("repair", "run", "started", was="queued")
    further = next_run(catalog, run())
    assert further is not None
    assert (further.run_id, further.label) == ("run.a2", f"{LABEL} (attempt 2)")
    finish(store, catalog, "run.a2", Consequence.REVIEW, attempt=2)
    assert next_run(catalog, further) is None
    assert next_run(catalog, run("unknown")) is None
