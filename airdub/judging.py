"""What follows from a verdict once the second judge and the earlier attempts are heard. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from airdub.gates import Code, Consequence, GateProfile, Reason, Verdict
from airdub.gates.suite import Expectation
from airdub.metrics import TITLE
from airdub.repair import Attempt, Ladders, RepairPlan, best_attempt, plan_repair


@dataclass(frozen=True)
class Settlement:
    """What is recorded, and done.

    Attributes:
        verdict: its consequence is the one that is carried out.
        plan: what the next attempt changes; None unless the consequence is repair.
        best_run_id: the run that a publication or a review is about.
    """

    verdict: Verdict
    plan: RepairPlan | None
    best_run_id: str


def agreed(verdict: Verdict, unmet: Iterable[Expectation]) -> Verdict:
    """The verdict; quarantine where it would publish what the second judge refuses.

    Args:
        unmet: expectations that the second judge doesn't find met.
    """
    refused = [one for one in unmet if one.blocking]
    if verdict.consequence is not Consequence.PUBLISH or not refused:
        return verdict
    reasons = [
        Reason(
            code=Code.DISAGREEMENT,
            metric=one.metric,
            scope=TITLE,
            text=f"Great Expectations refuses what the gate lets pass: {one.text}",
            consequence=Consequence.QUARANTINE,
        )
        for one in refused
    ]
    return _changed(verdict, Consequence.QUARANTINE, *reasons)


def settle(
    latest: Attempt, earlier: Sequence[Attempt], gates: GateProfile, ladders: Ladders
) -> Settlement:
    """The consequence for the title: the best attempt is kept, and nothing is tried twice.

    * What passes is published.
    * What can be repaired is, as long as something is left to try; else people decide.
    * A repair that made things worse never wins: people decide about the best attempt, also
      where the latest one alone would be quarantined.

    Args:
        latest: the attempt that was just judged.
        earlier: attempts at the same order, the first one first.
    """
    attempts = [*earlier, latest]
    best, verdict = best_attempt(attempts, gates), latest.verdict
    if verdict.consequence is Consequence.PUBLISH:
        return Settlement(verdict, None, latest.run_id)
    plan = plan_repair(attempts, gates, ladders)
    if plan:
        return Settlement(verdict, plan, best.run_id)
    if best is not latest:
        text = f"attempt {best.number} is better than attempt {latest.number}: it is kept"
        kept = verdict.consequence if _is_quarantined(best) else Consequence.REVIEW
        verdict = _changed(verdict, kept, _note(Code.BETTER_BEFORE, text))
    if latest.verdict.consequence is Consequence.REPAIR:
        text = "nothing is left to try that was not tried before"
        verdict = _changed(verdict, Consequence.REVIEW, _note(Code.NO_REPAIR, text))
    return Settlement(verdict, None, best.run_id)


def _is_quarantined(attempt: Attempt) -> bool:
    asked = (reason for reason in attempt.verdict.reasons if reason.blocking)
    return any(reason.consequence is Consequence.QUARANTINE for reason in asked)


def _note(code: Code, text: str) -> Reason:
    return Reason(
        code=code,
        metric="",
        scope=TITLE,
        text=text,
        consequence=Consequence.REVIEW,
        blocking=False,
    )


def _changed(verdict: Verdict, consequence: Consequence, *reasons: Reason) -> Verdict:
    """Another consequence, and why; blocking reasons stay first."""
    listed = sorted((*verdict.reasons, *reasons), key=lambda reason: not reason.blocking)
    return verdict.model_copy(update={"consequence": consequence, "reasons": tuple(listed)})
