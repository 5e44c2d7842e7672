"""How titles ended: what there is now, what their gates said, and why anything failed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import urlencode

from rich.console import Console
from rich.table import Table

from airdub.artifacts import ArtifactStore
from airdub.catalog import Catalog
from airdub.cli.attempts import Attempt, Title
from airdub.cli.gate_table import gate_table
from airdub.drafts import Draft
from airdub.failures import failures
from airdub.gates import Consequence
from airdub.judgements import Judgement

_REJECTED = 1
_FAILED = 70
_MOST_REASONS = 5


def show_outcome(
    console: Console, store: ArtifactStore, catalog: Catalog, titles: Iterable[Title], url: str
) -> int:
    """Print a gate table for each title, then a row for each, then what to know of them.

    Args:
        url: of Airflow, for links.

    Returns:
        The exit code: 0 when every title was approved or waits for a person; 1 when one was
        rejected; else that of the first failure.
    """
    table = Table(
        *("title", "languages", "attempts", "decision", "duration"),
        *("stage seconds", "stages", "warnings", "deliverable"),
    )
    notes: list[str] = []
    codes: list[int] = []
    for title in titles:
        judgement = title.last.judgement
        if judgement:
            decision, cells = judgement.verdict.decision, _cells(store, judgement)
            heading = f"{title.label}: {decision} (attempt {judgement.run.attempt})"
            console.print(gate_table(heading, judgement.verdict))
        else:
            decision, cells = "failed", ["-"] * 5
        order = title.last.run.order
        languages = f"{order.source_language} > {order.target_language}"
        table.add_row(order.title_id, languages, str(len(title.attempts)), decision, *cells)
        notes += [f"{title.label}  {line}" for line in _notes(store, catalog, title, url)]
        codes.append(_code(store, title.last))
    console.print(table)
    for note in notes:
        console.print(note, soft_wrap=True, markup=False)
    return next((code for code in codes if code), 0)


def _notes(store: ArtifactStore, catalog: Catalog, title: Title, url: str) -> Iterator[str]:
    """What there is to know of a title, in the order in which it happened."""
    for attempt in title.attempts:
        if attempt.judgement:
            yield from _verdict_notes(attempt.judgement)
        if attempt.state.state != "success":
            yield from _failures(store, attempt)
    judgement = title.last.judgement
    if judgement is None:
        return
    yield f"draft in {_shown(store.path(judgement.run.manifest.rpartition('/')[0]))}"
    yield from _warnings(store, judgement)
    run_ids = {attempt.run.run_id for attempt in title.attempts}
    for release in catalog.releases(judgement.run.title_id, judgement.run.language):
        if release.run_id in run_ids:
            yield f"release {release.release_id} ({release.state}) in {release.folder}"
    review = catalog.review(judgement.run.run_id)
    if review and review.state == "open":
        yield f"waits for a person: {review_link(url, review.best_run_id)}"


def review_link(url: str, run_id: str) -> str:
    """The page in Airflow where people look at a run."""
    return f"{url}/plugin/dub-reviews/airdub/?{urlencode({'run_id': run_id})}"


def _verdict_notes(judgement: Judgement) -> Iterator[str]:
    verdict = judgement.verdict
    yield f"attempt {judgement.run.attempt}: {verdict.decision}"
    reasons = [reason.text for reason in verdict.reasons if reason.blocking]
    yield from (f"  because {text}" for text in reasons[:_MOST_REASONS])
    if len(reasons) > _MOST_REASONS:
        yield f"  and {len(reasons) - _MOST_REASONS} more"
    if judgement.plan:
        yield f"  the next attempt repairs {judgement.plan.summary}"
    if judgement.best_run_id != judgement.run.run_id:
        yield f"  the best attempt is {judgement.best_run_id}"


def _warnings(store: ArtifactStore, judgement: Judgement) -> Iterator[str]:
    draft = Draft.model_validate_json(store.read(judgement.run.manifest))
    for stage, record in draft.stages.items():
        yield from (f"{stage}: {warning}" for warning in record.warnings)


def _failures(store: ArtifactStore, attempt: Attempt) -> Iterator[str]:
    """Each failed task's own last words."""
    failed = attempt.state.failed_tasks
    for task_id in failed:
        known = failures(store, attempt.run.run_id, task_id)
        words = known[-1].text if known else "its process ended without a word; see its log"
        yield f"{task_id} FAILED: {words}"
    if not failed:
        yield f"FAILED: see the run {attempt.run.run_id} in Airflow"


def _code(store: ArtifactStore, attempt: Attempt) -> int:
    """The exit code for a title's last attempt."""
    if attempt.state.state == "success" and attempt.judgement:
        acted = (Consequence.PUBLISH, Consequence.REVIEW)
        return 0 if attempt.judgement.verdict.consequence in acted else _REJECTED
    for task_id in attempt.state.failed_tasks:
        if known := failures(store, attempt.run.run_id, task_id):
            return known[-1].exit_code or _FAILED
    return _FAILED


def _cells(store: ArtifactStore, judgement: Judgement) -> list[str]:
    """Duration, seconds of work, stages, warnings, file."""
    draft = Draft.model_validate_json(store.read(judgement.run.manifest))
    computed = [use.wall_s for use in judgement.stages if not use.cached]
    return [
        f"{draft.duration_s:.1f} s",
        f"{sum(computed):.1f}",
        f"{len(judgement.stages) - len(computed)} cached, {len(computed)} computed",
        str(sum(len(record.warnings) for record in draft.stages.values())),
        draft.files["deliverable"].key.rpartition("/")[2],
    ]


def _shown(path: str) -> str:
    """A local path from here, if it lies below."""
    here = Path.cwd()
    return str(Path(path).relative_to(here)) if Path(path).is_relative_to(here) else path
