"""What a gate says: the consequence, the table behind it, and every reason."""

from __future__ import annotations

from enum import StrEnum

from airdub.model import Document


class Consequence(StrEnum):
    """What is done with a finished dub."""

    PUBLISH = "publish"
    REPAIR = "repair"
    REVIEW = "review"
    QUARANTINE = "quarantine"


DECISIONS = {
    Consequence.PUBLISH: "APPROVED",
    Consequence.REPAIR: "RETRY",
    Consequence.REVIEW: "REVIEW",
    Consequence.QUARANTINE: "REJECTED",
}
"""The word that people read for each consequence."""


class Code(StrEnum):
    """Kinds of reasons. From `MISSING` on, the table itself can't be trusted."""

    OUT_OF_BOUNDS = "out_of_bounds"
    COVERAGE = "coverage"
    ABSENT = "absent"
    NO_REPAIR = "no_repair"
    BETTER_BEFORE = "better_before"
    MISSING = "missing"
    MALFORMED = "malformed"
    NOT_A_NUMBER = "not_a_number"
    NO_SAMPLES = "no_samples"
    UNKNOWN_METRIC = "unknown_metric"
    OTHER_FINGERPRINT = "other_fingerprint"
    DUPLICATE = "duplicate"
    SEGMENTS = "segments"
    NO_GATE = "no_gate"
    DISAGREEMENT = "disagreement"


class Reason(Document):
    """One reason why a dub doesn't pass, or (not `blocking`) why somebody should look.

    Attributes:
        metric, scope: what it is about; "" where a row doesn't even say that.
        value, bound: as people read them.
        consequence: what it asks for by itself.
    """

    code: Code
    metric: str
    scope: str
    text: str
    consequence: Consequence
    blocking: bool = True
    value: str = ""
    bound: str = ""


class Outcome(StrEnum):
    """How a threshold was met."""

    PASS = "pass"  # noqa: S105 - no password
    FAIL = "fail"
    ABSENT = "absent"
    NOT_APPLICABLE = "not_applicable"


class Check(Document):
    """A line of the gate table.

    Attributes:
        value, bound: of the title.
        worst, worst_bound: of the line that is farthest from its bound; "" where lines aren't
            gated.
        worst_segment: that line's id.
    """

    metric: str
    unit: str
    value: str
    bound: str
    worst: str = ""
    worst_bound: str = ""
    worst_segment: str = ""
    outcome: Outcome
    blocking: bool

    @property
    def shown(self) -> str:
        """The title's value with its unit; `-` where there is none."""
        measured = self.outcome in (Outcome.PASS, Outcome.FAIL)
        return f"{self.value} {self.unit}" if measured else "-"


class Verdict(Document):
    """A gate's answer about one evaluation.

    Attributes:
        gates: name of the gate profile.
        fingerprint: of the evaluation that was judged.
        attempt: of the dub, from 1.
        checks: one per threshold, in the profile's order.
        reasons: all of them, blocking ones first.
    """

    gates: str
    language: str
    fingerprint: str
    attempt: int
    consequence: Consequence
    checks: tuple[Check, ...]
    reasons: tuple[Reason, ...]

    @property
    def decision(self) -> str:
        """`APPROVED`, `RETRY`, `REVIEW` or `REJECTED`."""
        return DECISIONS[self.consequence]

    @property
    def failing_segments(self) -> dict[str, tuple[str, ...]]:
        """Which metrics each line failed: what a repair plan is made from."""
        found: dict[str, list[str]] = {}
        for reason in self.reasons:
            if reason.blocking and reason.code is Code.OUT_OF_BOUNDS and reason.scope != "title":
                found.setdefault(reason.scope, []).append(reason.metric)
        return {segment: tuple(metrics) for segment, metrics in sorted(found.items())}
