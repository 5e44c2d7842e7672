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
        languages = f"{run.order.source_language} > {run.order.target_language}"
        draft, cells = None, ["-"] * 4 + ["failed"]
        if states[run.run_id].state == "success":
            draft, summary = _read(store, run.run_id)
            cells = _cells(draft, summary)
            notes.append(f"{run.label}  in {_shown(store.path(_folder(draft)))}")
            notes += [
                f"{run.label}  {stage}: {warning}"
                for stage, record in draft.stages.items()
                for warning in record.warnings
            ]
        else:
            lines, code = _explain(store, run, states[run.run_id])
            notes += lines
            codes.append(code)
        table.add_row(run.order.title_id, languages, *cells)
    console.print(table)
    for note in notes:
        console.print(note, soft_wrap=True, markup=False)
    return codes[0] if codes else 0


def _read(store: ArtifactStore, run_id: str) -> tuple[Draft, RunSummary]:
    summary = RunSummary.model_validate_json(store.read(summary_key(run_id)))
    return Draft.model_validate_json(store.read(summary.manifest)), summary


def _cells(draft: Draft, summary: RunSummary) -> list[str]:
    computed = [stage for stage, cached in summary.cached.items() if not cached]
    seconds = sum(draft.stages[stage].wall_s for stage in computed)
    cached = len(summary.cached) - len(computed)
    return [
        f"{draft.duration_s:.1f} s",
        f"{seconds:.1f}",
        f"{cached} cached, {len(computed)} computed",
        str(sum(len(record.warnings) for record in draft.stages.values())),
        draft.files["deliverable"].key.rpartition("/")[2],
    ]


def _folder(draft: Draft) -> str:
    return draft.files["deliverable"].key.rpartition("/")[0]


def _shown(path: str) -> str:
    """A local path from here, if it lies below."""
    here = Path.cwd()
    return str(Path(path).relative_to(here)) if Path(path).is_relative_to(here) else path


def _explain(store: ArtifactStore, run: DubRun, state: RunState) -> tuple[list[str], int]:
    """Each failed task's own last words, and the exit code of the first."""
    lines, codes = [], []
    for task_id in state.failed_tasks:
        known = failures(store, run.run_id, task_id)
        last = known[-1] if known else None
        if last:
            codes.append(last.exit_code)
        words = last.text if last else "its process ended without a word; see its log in Airflow"
        lines.append(f"{run.label}  {task_id} FAILED: {words}")
    if not lines:
        lines.append(f"{run.label}  FAILED: {state.state}; see the run {run.run_id} in Airflow")
    return lines, (codes[0] if codes else 0) or _FAILED
