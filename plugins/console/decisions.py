"""What the catalogue says about a run: verdict, attempts, review, releases; and what waits."""

from __future__ import annotations

from typing import Any

from airdub.catalog import Catalog, Decision, Review, RunVerdict
from airdub.repair import attempt_run_id

_UNJUDGED: dict[str, Any] = {
    "judgement": None,
    "attempts": [],
    "review": None,
    "sent_back": None,
    "releases": [],
}
_REASONS_SHOWN = 3
_MOST_WAITING = 200


def view(catalog: Catalog, run_id: str) -> dict[str, Any]:
    """A run's part of the page, as JSON values; empty fields where no gate has judged it."""
    judged = catalog.judgement(run_id)
    if judged is None:
        return _UNJUDGED
    run = judged.run
    first = attempt_run_id(run_id, 1)
    attempts = catalog.verdicts(run.title_id, run.language)
    review = catalog.review_about(run_id)
    return {
        "judgement": {
            **judged.verdict.model_dump(mode="json"),
            "decision": judged.verdict.decision,
            "data_docs": judged.data_docs,
            "best_run_id": judged.best_run_id,
        },
        "attempts": [
            _attempt(one) for one in attempts if attempt_run_id(one.run.run_id, 1) == first
        ][::-1],
        "review": _review(catalog, review) if review else None,
        "sent_back": _sent_back(catalog, run.parent_run_id),
        "releases": [
            one.model_dump(include={"release_id", "folder", "state", "published_at"})
            for one in catalog.releases(run.title_id, run.language)
            if one.run_id == run_id
        ],
    }


def metrics(catalog: Catalog, run_id: str) -> list[dict[str, Any]]:
    """Every row that the run was judged by; none when it wasn't."""
    judged = catalog.judgement(run_id)
    return [row.model_dump(mode="json") for row in judged.table] if judged else []


def waiting(catalog: Catalog) -> list[dict[str, Any]]:
    """Open reviews, the worst first, with their first reasons."""
    found = []
    for one in catalog.waiting_reviews(most=_MOST_WAITING):
        row = one.model_dump()
        row["more"] = max(0, len(one.reasons) - _REASONS_SHOWN)
        row["reasons"] = one.reasons[:_REASONS_SHOWN]
        found.append(row)
    return found


def _attempt(judged: RunVerdict) -> dict[str, Any]:
    return {
        "run_id": judged.run.run_id,
        "attempt": judged.run.attempt,
        "decision": judged.verdict.decision,
        "recorded_at": judged.recorded_at,
    }


def _review(catalog: Catalog, review: Review) -> dict[str, Any]:
    task = catalog.review_task(review.run_id)
    return {**review.model_dump(), "task_run_id": task.task_run_id if task else None}


def _sent_back(catalog: Catalog, parent_run_id: str | None) -> dict[str, str] | None:
    """Who asked for this attempt, and why; None when it was no person."""
    review = catalog.review(parent_run_id) if parent_run_id else None
    if review is None or review.state != Decision.REDO:
        return None
    return {"who": review.who, "notes": review.notes}
