"""The queue in front of reviewers: which reviews they are shown, the worst first."""

from __future__ import annotations

from typing import Any

from airdub.catalog.rows import Review, ReviewTask, WaitingReview
from airdub.catalog.session import Session, now
from airdub.metrics import TITLE


class ReviewTasks(Session):
    """Reviews on show. One is shown by one run of `review_dub`, which shows no other."""

    def show_next_review(self, task_run_id: str) -> Review | None:
        """The review that a run shows: the one it has already, else the worst that none shows.

        Args:
            task_run_id: of the run of `review_dub`.

        Returns:
            An open review, the same one each time, or one that was closed meanwhile; None when
            nothing waits.
        """
        with self.transaction():
            if mine := self.review_of_task(task_run_id):
                return mine
            while review := self.next_review():
                of = {"run_id": review.run_id, "task_run_id": task_run_id}
                if self._run("show_review", **of, now=now()):
                    return review
        return None

    def next_review(self) -> Review | None:
        """The worst review that nobody is shown; it stays where it is."""
        row = self._run("next_review")
        return Review.model_validate(row) if row else None

    def unshow_review(self, run_id: str, task_run_id: str) -> None:
        """Put a review back into the queue, if that run shows it (and is gone)."""
        self._run("unshow_review", run_id=run_id, task_run_id=task_run_id)

    def review_of_task(self, task_run_id: str) -> Review | None:
        """The review that a run of `review_dub` shows."""
        row = self._run("review_of_task", task_run_id=task_run_id)
        return Review.model_validate(row) if row else None

    def review_task(self, run_id: str) -> ReviewTask | None:
        """Who shows a review."""
        row = self._run("review_task", run_id=run_id)
        return ReviewTask.model_validate(row) if row else None

    def open_review_tasks(self) -> list[ReviewTask]:
        """Who shows which of the open reviews, the longest shown first."""
        return [ReviewTask.model_validate(row) for row in self._run("open_review_tasks")]

    def review_about(self, run_id: str) -> Review | None:
        """The last review in which people look at that run: its own, or a later attempt's."""
        row = self._run("review_about", run_id=run_id)
        return Review.model_validate(row) if row else None

    def waiting_reviews(self, *, most: int) -> list[WaitingReview]:
        """Open reviews, the worst first, with why each waits."""
        return [self._waiting(row) for row in self._run("waiting_reviews", most=most)]

    def _waiting(self, row: dict[str, Any]) -> WaitingReview:
        reasons = self._run("blocking_reasons", run_id=row["best_run_id"])
        asked = [row["notes"]] if row["notes"] else []
        lines = [one["scope"] for one in reasons if one["scope"] not in (TITLE, "")]
        return WaitingReview.model_validate(
            {
                **{name: value for name, value in row.items() if name != "notes"},
                "reasons": (*asked, *(one["text"] for one in reasons)),
                "segment": lines[0] if lines else "",
            }
        )
