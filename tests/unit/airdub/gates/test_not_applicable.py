"""A share of nothing is neither invented nor taken for a missing measurement."""

from __future__ import annotations

from typing import Any

import pytest

from airdub.gates import Code, Consequence, GateProfile, Outcome, Threshold, Verdict, judge
from airdub.metrics import NOT_APPLICABLE, TITLE, Metric, load_metrics
from tests.unit.airdub.gates.tables import PRINT, SEGMENTS, good_table, profile, row

NUMBERS = "numbers_kept"


def gates() -> GateProfile:
    kept = Threshold(metric=NUMBERS, least=1, worst_least=1, coverage=0.9, absent="review")
    return profile(thresholds=(*profile().thresholds, kept))


def table(title: Any, lines: dict[str, Any], **changes: Any) -> list[dict[str, Any]]:
    """The good table with these values of the lines' numbers."""
    rows = [one for one in good_table() if one["metric"] != NUMBERS]
    rows.append(row(NUMBERS, title, **changes))
    return rows + [row(NUMBERS, value, segment) for segment, value in lines.items()]


def verdict(*arguments: Any, **changes: Any) -> Verdict:
    return judge(gates(), table(*arguments, **changes), PRINT)


def test_a_title_without_numbers_passes_and_says_why() -> None:
    found = verdict(NOT_APPLICABLE, dict.fromkeys(SEGMENTS, NOT_APPLICABLE))
    assert found.consequence is Consequence.PUBLISH
    check = found.checks[-1]
    assert (check.value, check.outcome) == (NOT_APPLICABLE, Outcome.NOT_APPLICABLE)


def test_lines_without_numbers_are_no_worse_than_others() -> None:
    lines = dict(zip(SEGMENTS, (NOT_APPLICABLE, 1.0, NOT_APPLICABLE), strict=True))
    found = verdict(1.0, lines)
    assert found.consequence is Consequence.PUBLISH
    assert (found.checks[-1].outcome, found.checks[-1].worst_segment) == (Outcome.PASS, "s0002")
    lines["s0002"] = 0.5
    assert verdict(1.0, lines).failing_segments == {"s0002": (NUMBERS,)}


def test_what_was_not_looked_at_still_counts() -> None:
    lines = dict.fromkeys(SEGMENTS, NOT_APPLICABLE)
    found = verdict(NOT_APPLICABLE, lines, coverage=0.5)
    assert found.consequence is Consequence.REVIEW
    assert found.checks[-1].outcome is Outcome.FAIL
    nothing_read = verdict(NOT_APPLICABLE, lines, n_scored=0)
    assert {reason.code for reason in nothing_read.reasons} >= {Code.NO_SAMPLES}
    assert nothing_read.consequence is Consequence.QUARANTINE


def test_a_title_can_not_hide_lines_that_it_applies_to() -> None:
    lines = dict(zip(SEGMENTS, (NOT_APPLICABLE, 0.0, NOT_APPLICABLE), strict=True))
    found = verdict(NOT_APPLICABLE, lines)
    assert found.consequence is Consequence.QUARANTINE
    assert Code.SEGMENTS in {reason.code for reason in found.reasons}


@pytest.mark.parametrize("metric", [name for name, s in load_metrics().items() if not s.words])
def test_other_metrics_always_apply(metric: str) -> None:
    rows = [
        row(metric, NOT_APPLICABLE) if (one["metric"], one["scope"]) == (metric, TITLE) else one
        for one in good_table()
    ]
    assert judge(profile(), rows, PRINT).consequence is Consequence.QUARANTINE
    with pytest.raises(ValueError, match="can't be not_applicable"):
        Metric.model_validate(row(metric, NOT_APPLICABLE))
