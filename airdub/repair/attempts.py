"""Judged attempts, and how good each of them is. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from airdub.gates import Code, Consequence, GateProfile, Reason, Threshold, Verdict
from airdub.gates.table import Row, Table, read_table
from airdub.metrics import IDENTICAL, TITLE
from airdub.repair.plan import LineRepair, RepairPlan
from airdub.timing import FitPlan

_MOST_EXCESS = 10.0
"""One value may be that many times its bound away from it; farther off is no worse."""

Score = tuple[float, ...]
"""Lower is better."""


@dataclass(frozen=True)
class Attempt:
    """One attempt at a title, as it was judged.

    Attributes:
        plan: what it changed; None for the first attempt.
        rows: the metrics it was judged by, as `airdub.gates.judge` reads them.
        timing: where its lines were placed; None where that isn't known any more.
    """

    run_id: str
    plan: RepairPlan | None
    verdict: Verdict
    rows: Sequence[Row]
    timing: FitPlan | None = None

    @property
    def number(self) -> int:
        """Of the attempt, from 1."""
        return self.verdict.attempt

    @property
    def stages(self) -> dict[str, str]:
        """Stages with another engine than the profile's first."""
        return dict(self.plan.stages) if self.plan else {}

    @property
    def lines(self) -> tuple[LineRepair, ...]:
        """Lines that were made differently."""
        return self.plan.lines if self.plan else ()

    def line(self, segment_id: str) -> LineRepair:
        """How a line was made."""
        return self.plan.line(segment_id) if self.plan else LineRepair(segment_id=segment_id)

    @cached_property
    def table(self) -> Table:
        """The sound rows."""
        return read_table(self.rows, self.verdict.fingerprint)


def best_attempt(attempts: Sequence[Attempt], gates: GateProfile) -> Attempt:
    """The attempt to keep: by decision, number of blocking reasons, and how far values are off.

    Of equal ones the earlier: it changed less.

    Raises:
        ValueError: there is none.
    """
    return min(attempts, key=lambda attempt: (title_score(attempt, gates), attempt.number))


def title_score(attempt: Attempt, gates: GateProfile) -> Score:
    """How bad an attempt is.

    A last attempt is never repaired, so that what it asks for (and not what becomes of it) counts:
    publication is best, quarantine worst.
    """
    thresholds = {threshold.metric: threshold for threshold in gates.thresholds}
    reasons = [reason for reason in attempt.verdict.reasons if reason.blocking]
    asked = {reason.consequence for reason in reasons}
    gravity = 2 if Consequence.QUARANTINE in asked else 1 if asked else 0
    excess = sum(_reason_excess(reason, attempt.table, thresholds) for reason in reasons)
    return gravity, len(reasons), excess


def _reason_excess(reason: Reason, table: Table, thresholds: Mapping[str, Threshold]) -> float:
    """How far a reason's value is off, in parts of its bound; 1 for what is no value."""
    row = table.values.get(reason.metric, {}).get(reason.scope)
    threshold = thresholds.get(reason.metric)
    if reason.code is not Code.OUT_OF_BOUNDS or row is None or threshold is None:
        return 1.0
    return relative_excess(threshold, row["value"], segment=reason.scope != TITLE)


def line_score(attempt: Attempt, gates: GateProfile, segment_id: str) -> Score:
    """How bad a line of an attempt is, whatever became of the title.

    First by the number of bounds on single lines that it misses (a value that is absent misses
    its bound), then by how far, then by how far it lies from the title's bounds.
    """
    missed, far, farther = 0, 0.0, 0.0
    for threshold in gates.thresholds:
        rows = attempt.table.values.get(threshold.metric, {})
        if not threshold.blocking or len(rows) < 2:  # the title's row alone
            continue
        if segment_id not in rows:
            missed += threshold.gates_segments
            continue
        value = rows[segment_id]["value"]
        over = relative_excess(threshold, value, segment=True)
        missed += over > 0
        far += over
        farther += relative_excess(threshold, value)
    return missed, far, farther


def relative_excess(threshold: Threshold, value: float | str, *, segment: bool = False) -> float:
    """How far a value lies outside of its bounds in parts of the bound that it misses; 0..10."""
    excess = threshold.excess(value, segment=segment)  # type: ignore[arg-type]
    if excess <= 0:
        return 0.0
    least = threshold.worst_least if segment else threshold.least
    most = threshold.worst_most if segment else threshold.most
    too_low = value != IDENTICAL and least is not None and float(value) < least
    bound = least if too_low else most
    scale = abs(bound) if bound else 1.0
    return min(_MOST_EXCESS, excess / scale) if math.isfinite(excess) else _MOST_EXCESS


def failing_lines(attempt: Attempt, gates: GateProfile) -> dict[str, tuple[str, ...]]:
    """Metrics that ask for repair, by the lines that are to blame for them.

    A title that misses a bound has the lines to blame that miss it too.
    """
    found: dict[str, list[str]] = {}
    for metric, segment_id in _blamed(attempt, gates):
        if metric not in found.setdefault(segment_id, []):
            found[segment_id].append(metric)
    return {segment_id: tuple(metrics) for segment_id, metrics in sorted(found.items())}


def failing_metrics(attempt: Attempt) -> tuple[str, ...]:
    """Metrics that ask for repair, in the order of the reasons."""
    return tuple(dict.fromkeys(reason.metric for reason in _to_repair(attempt)))


def _blamed(attempt: Attempt, gates: GateProfile) -> Iterator[tuple[str, str]]:
    thresholds = {threshold.metric: threshold for threshold in gates.thresholds}
    for reason in _to_repair(attempt):
        if reason.scope != TITLE:
            yield reason.metric, reason.scope
            continue
        threshold = thresholds.get(reason.metric)
        for segment_id, row in attempt.table.values.get(reason.metric, {}).items():
            outside = threshold and relative_excess(threshold, row["value"]) > 0
            if outside and segment_id != TITLE:
                yield reason.metric, segment_id


def _to_repair(attempt: Attempt) -> Iterator[Reason]:
    for reason in attempt.verdict.reasons:
        if (
            reason.blocking
            and reason.code is Code.OUT_OF_BOUNDS
            and reason.consequence is Consequence.REPAIR
        ):
            yield reason
