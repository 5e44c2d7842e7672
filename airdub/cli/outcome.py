"""How runs ended: a table of what there is now, and why anything failed."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.table import Table

from airdub.artifacts import ArtifactStore
from airdub.cli.watch import DubRun, RunState
from airdub.drafts import Draft, RunSummary, summary_key
from airdub.failures import failures

_FAILED = 70


def show_outcome(
    console: Console, store: ArtifactStore, runs: list[DubRun], states: dict[str, RunState]
) -> int:
    """Print the table, then warnings and failures; returns the exit code.

    The code is 0 when every run has its draft, else that of the first failure.
    """
    table = Table(
        *("title", "languages", "duration", "stage seconds", "stages", "warnings", "deliverable")
    )
    notes: list[str] = []
    codes: list[int] = []
    for run in runs:
        state = states[run.run_id]
        done = state.state == "success"
        cells, lines, code = _finished(store, run) if done else _failed(store, run, state)
        languages = f"{run.order.source_language} > {run.order.target_language}"
        table.add_row(run.order.title_id, languages, *cells)
        notes += [f"{run.label}  {line}" for line in lines]
        codes.append(code)
    console.print(table)
    for note in notes:
        console.print(note, soft_wrap=True, markup=False)
    return next((code for code in codes if code), 0)


def _finished(store: ArtifactStore, run: DubRun) -> tuple[list[str], list[str], int]:
    """A finished run's cells, its notes, and 0."""
    summary = RunSummary.model_validate_json(store.read(summary_key(run.run_id)))
    draft = Draft.model_validate_json(store.read(summary.manifest))
    folder, _, name = draft.files["deliverable"].key.rpartition("/")
    notes = [f"in {_shown(store.path(folder))}"]
    for stage, record in draft.stages.items():
        notes += [f"{stage}: {warning}" for warning in record.warnings]
    return [*_cells(draft, summary), name], notes, 0


def _failed(store: ArtifactStore, run: DubRun, state: RunState) -> tuple[list[str], list[str], int]:
    """A failed run's cells, each failed task's own last words, and the exit code of the first."""
    notes, codes = [], []
    for task_id in state.failed_tasks:
        known = failures(store, run.run_id, task_id)
        if known:
            codes.append(known[-1].exit_code)
        words = known[-1].text if known else "its process ended without a word; see its log"
        notes.append(f"{task_id} FAILED: {words}")
    if not notes:
        notes.append(f"FAILED: see the run {run.run_id} in Airflow")
    return ["-"] * 4 + ["failed"], notes, (codes[0] if codes else 0) or _FAILED


def _cells(draft: Draft, summary: RunSummary) -> list[str]:
    computed = [stage for stage, cached in summary.cached.items() if not cached]
    seconds = sum(draft.stages[stage].wall_s for stage in computed)
    cached = len(summary.cached) - len(computed)
    return [
        f"{draft.duration_s:.1f} s",
        f"{seconds:.1f}",
        f"{cached} cached, {len(computed)} computed",
        str(sum(len(record.warnings) for record in draft.stages.values())),
    ]


def _shown(path: str) -> str:
    """A local path from here, if it lies below."""
    here = Path.cwd()
    return str(Path(path).relative_to(here)) if Path(path).is_relative_to(here) else path
