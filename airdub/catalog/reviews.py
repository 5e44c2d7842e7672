"""What people decide about runs that no gate could decide."""

from __future__ import annotations

from airdub.catalog.rows import Decision, Review, Waiver
from airdub.catalog.session import Session, now
from airdub.errors import Conflict, InvalidInput
from airdub.repair.plan import RepairPlan

_MANY = 1000


class Reviews(Session):
    """Reviews and waivers."""

    def reviews(self, state: str = "open", *, most: int = _MANY) -> list[Review]:
        """Reviews in a state, worst first."""
        return [
            Review.model_validate(row) for row in self._run("find_reviews", state=state, most=most)
        ]

    def review(self, run_id: str) -> Review | None:
        """The review of a run."""
        row = self._run("find_review", run_id=run_id)
        return Review.model_validate(row) if row else None

    def decide_review(
        self,
        run_id: str,
        decision: Decision | str,
        who: str,
        why: str = "",
        *,
        notes: str = "",
        plan: RepairPlan | None = None,
    ) -> Review:
        """Close an open review together with what follows from it, in one transaction.

        `publish_with_waiver` opens a publication of the best attempt and keeps the waiver; `redo`
        queues a repair; `reject` and `timed_out` put the run into quarantine. Giving the same
        answer again is fine.

        Args:
            who: person, as the one asking knows him; `timed_out` needs none.
            why: must be said for a waiver and a rejection.
            notes: for whoever makes the next attempt.
            plan: of the next attempt, for `redo`.

        Raises:
            InvalidInput: there is no such review, or who or why is missing.
            Conflict: the review was answered otherwise, or a newer attempt closed it.
        """
        decided = Decision(decision)
        _check_words(run_id, decided, who, why)
        words = {"who": who.strip(), "why": why.strip(), "notes": notes.strip()}
        with self.transaction():
            time = now()
            if self._run("close_review", run_id=run_id, state=decided, **words, now=time):
                self._follow(run_id, decided, words, plan, time)
            review = self.review(run_id)
        if review is None:
            raise InvalidInput("there is no review of that run", where=run_id)
        if {"state": review.state, "who": review.who, "why": review.why} != {
            "state": decided,
            "who": words["who"],
            "why": words["why"],
        }:
            by = f" by {review.who}" if review.who else ""
            raise Conflict(
                f"the review was already closed{by}: {review.state}",
                where=run_id,
                remedy="look at what followed from it",
            )
        return review

    def _follow(
        self,
        run_id: str,
        decision: Decision,
        words: dict[str, str],
        plan: RepairPlan | None,
        time: str,
    ) -> None:
        """What a decision leads to."""
        review = self._run("find_review", run_id=run_id)
        of = {"title_id": review["title_id"], "language": review["language"], "now": time}
        if decision is Decision.PUBLISH_WITH_WAIVER:
            best = review["best_run_id"]
            given = {"who": words["who"], "why": words["why"], "now": time}
            self._run("insert_waiver", run_id=best, review_id=run_id, **given)
            self._run("open_publication", run_id=best, **of, note=f"waived by {words['who']}")
        elif decision is Decision.REDO:
            self._redo(run_id, plan, note=words["notes"], **of)
        else:
            reason = words["why"] or "nobody reviewed it in time"
            self._run("open_quarantine", run_id=run_id, reason=reason, **of)

    def _redo(self, run_id: str, plan: RepairPlan | None, **of: str) -> None:
        """Ask for another attempt, in place of a repair that came to nothing."""
        given_up = self._run("find_repair", run_id=run_id)
        judged = self._run("find_run", run_id=run_id)
        attempt = 1 + (given_up["next_attempt"] if given_up else judged["attempt"])
        text = plan.model_copy(update={"attempt": attempt}).model_dump_json() if plan else None
        self._run("reopen_repair", run_id=run_id, next_attempt=attempt, plan=text, **of)

    def waivers(self, run_id: str) -> list[Waiver]:
        """Waivers that a run is published by, or that were given in its review."""
        return [Waiver.model_validate(row) for row in self._run("find_waivers", run_id=run_id)]


def _check_words(run_id: str, decision: Decision, who: str, why: str) -> None:
    missing = []
    if decision is not Decision.TIMED_OUT and not who.strip():
        missing.append("who decides")
    if decision in (Decision.PUBLISH_WITH_WAIVER, Decision.REJECT) and not why.strip():
        missing.append("why")
    if missing:
        raise InvalidInput(
            f"the decision {decision} doesn't say {' and '.join(missing)}",
            where=run_id,
            remedy="say it: it is kept with the run",
        )
