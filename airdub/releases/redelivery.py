"""Whether a dub that is delivered again is worse than the one that viewers have.

Both have passed a gate. What decides is how far inside of its bounds each value lies, in parts of
the bound, over all metrics that the gate of the new one names and that were measured in the same
way in both.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from airdub.errors import PolicyRefused
from airdub.gates import Consequence, GateProfile, Threshold, load_gates
from airdub.metrics import IDENTICAL, NOT_APPLICABLE, TITLE, Metric, Value
from airdub.profiles import load_profile

if TYPE_CHECKING:
    from airdub.catalog import Catalog
    from airdub.judgements import Judgement

log = logging.getLogger(__name__)

_NOISE = 0.02
"""Smaller changes, in parts of the bound, are none."""

_TOLD = 3


class ScoresBelow(PolicyRefused):
    """A re-delivery is worse than the current release: that one stays."""


@dataclass(frozen=True)
class Shift:
    """How a metric of the title changed.

    Attributes:
        change: in parts of its bound; above 0 is better.
    """

    metric: str
    before: Value
    after: Value
    change: float

    def __str__(self) -> str:
        return f"{self.metric} {_shown(self.after)} instead of {_shown(self.before)}"


def refuse_worse(catalog: Catalog, current_run_id: str, judgement: Judgement) -> None:
    """Make sure that a run which passed its gate may take the place of the current release.

    A run of another source, or with other files beside it, is no re-delivery; and where a person
    has waived the gate, he has seen both.

    Args:
        current_run_id: of the current release.

    Raises:
        ScoresBelow: it is worse.
    """
    if judgement.verdict.consequence is not Consequence.PUBLISH:
        return
    current = catalog.judgement(current_run_id)
    if current is None:
        log.warning("%s was never recorded: nothing to compare with", current_run_id)
        return
    if judgement.run.run_id == current_run_id or _work(judgement) != _work(current):
        return
    gates = load_gates(load_profile(judgement.run.profile).gates, judgement.run.language)
    found = shifts(gates, current.table, judgement.table)
    if sum(one.change for one in found) >= 0:
        return
    worst = sorted((one for one in found if one.change < 0), key=lambda one: one.change)
    raise ScoresBelow(
        f"it scores below the current release, of run {current_run_id}: "
        + "; ".join(str(one) for one in worst[:_TOLD]),
        where=judgement.run.run_id,
        remedy="nothing: the current release stays; to publish this one all the same, withdraw "
        "that one and clear this task",
    )


def shifts(gates: GateProfile, before: Iterable[Metric], after: Iterable[Metric]) -> list[Shift]:
    """What changed by more than noise from one table to another, in the order of the gate.

    A value that only one of them has, or that was measured by another method or version, doesn't
    count.
    """
    first, second = _titles(before), _titles(after)
    found = []
    for threshold in gates.thresholds:
        old, new = first.get(threshold.metric), second.get(threshold.metric)
        if old is None or new is None or _how(old) != _how(new):
            continue
        change = _room(threshold, new.value) - _room(threshold, old.value)
        if abs(change) >= _NOISE:
            found.append(Shift(threshold.metric, old.value, new.value, change))  # type: ignore[arg-type]
    return found


def _titles(table: Iterable[Metric]) -> dict[str, Metric]:
    """The title's rows that hold a value, by metric."""
    return {
        row.metric: row
        for row in table
        if row.scope == TITLE and row.value not in (None, NOT_APPLICABLE)
    }


def _how(row: Metric) -> tuple[str, str]:
    return row.method, row.version


def _room(threshold: Threshold, value: Value | None) -> float:
    """How far inside of its bounds a value lies, in parts of the nearer one: -1..1.

    Of a value that belongs between two bounds no place between them is better than another.
    """
    if value == IDENTICAL:
        return 1.0
    inside = -threshold.excess(float(value))  # type: ignore[arg-type]
    bounds = [bound for bound in (threshold.least, threshold.most) if bound is not None]
    if len(bounds) > 1:
        inside = min(inside, 0.0)
    scale = min(abs(bound) for bound in bounds) or 1.0
    return max(-1.0, min(1.0, inside / scale))


def _work(judgement: Judgement) -> tuple[str, str]:
    """The source, and what lay beside it."""
    prints = {use.stage: use.fingerprint for use in judgement.stages}
    return judgement.run.source_sha256, prints.get("ingest", "")


def _shown(value: Value) -> str:
    return value if isinstance(value, str) else f"{value:.3g}"
