"""The gate fails closed: whatever isn't soundly measured and good never passes."""

from __future__ import annotations

import math
from typing import Any

import pytest

from airdub.gates import Code, Consequence, Outcome, Verdict, judge
from airdub.metrics import TITLE, load_metrics
from tests.unit.airdub.gates.tables import (
    ADVISORY,
    GATED_LINES,
    GATED_PICTURE,
    GATED_TITLE,
    PRINT,
    SEGMENTS,
    changed,
    good_table,
    profile,
    row,
)


def verdict(rows: list[dict[str, Any]], **changes: Any) -> Verdict:
    return judge(profile(), rows, PRINT, **changes)


def test_a_complete_good_table_is_published() -> None:
    found = verdict(good_table())
    assert (found.consequence, found.decision) == (Consequence.PUBLISH, "APPROVED")
    assert found.reasons == ()
    assert [check.outcome for check in found.checks] == [Outcome.PASS] * 4


def test_the_gate_table_tells_values_bounds_and_the_worst_line() -> None:
    table = changed(GATED_LINES, "s0002", value=0.4)
    check = verdict(table).checks[0]
    assert (check.value, check.bound, check.unit) == ("0.1", "<= 0.3", "ratio")
    assert (check.worst, check.worst_bound, check.worst_segment) == ("0.4", "<= 0.5", "s0002")


@pytest.mark.parametrize(
    ("metric", "value", "consequence"),
    [
        (GATED_LINES, 0.31, Consequence.REPAIR),
        (GATED_TITLE, -0.99, Consequence.REVIEW),
        (GATED_PICTURE, 34.9, Consequence.QUARANTINE),
        (ADVISORY, 1.0, Consequence.PUBLISH),
    ],
)
def test_a_value_out_of_bounds_has_the_consequence_of_its_threshold(
    metric: str, value: float, consequence: Consequence
) -> None:
    found = verdict(changed(metric, value=value))
    assert found.consequence is consequence
    assert [(reason.code, reason.metric) for reason in found.reasons] == [
        (Code.OUT_OF_BOUNDS, metric)
    ]
    assert found.reasons[0].blocking == (metric != ADVISORY)


def test_bounds_belong_to_what_passes() -> None:
    assert verdict(changed(GATED_LINES, value=0.3)).consequence is Consequence.PUBLISH


def test_an_identical_picture_is_better_than_any_number() -> None:
    assert verdict(changed(GATED_PICTURE, value="identical")).consequence is Consequence.PUBLISH


def test_one_bad_line_is_enough_and_is_named() -> None:
    found = verdict(changed(GATED_LINES, "s0003", value=0.9))
    assert found.consequence is Consequence.REPAIR
    assert found.failing_segments == {"s0003": (GATED_LINES,)}
    assert "s0003 is 0.9 ratio, wanted <= 0.5" in found.reasons[0].text


def test_the_last_attempt_goes_to_people_instead_of_repair() -> None:
    table = changed(GATED_LINES, value=0.9)
    assert verdict(table, attempt=2).consequence is Consequence.REPAIR
    assert verdict(table, attempt=3).consequence is Consequence.REVIEW
    assert verdict(table, attempt=4).consequence is Consequence.REVIEW


def test_every_reason_is_listed_the_gravest_decides() -> None:
    table = good_table()
    for at, one in enumerate(table):
        if one["scope"] == TITLE and one["value"] is not None:
            table[at] = one | {"value": 99.0 if one["direction"] == "lower" else -99.0}
    found = verdict(table)
    assert {reason.metric for reason in found.reasons} == {
        GATED_LINES, GATED_TITLE, GATED_PICTURE, ADVISORY
    }  # fmt: skip
    assert found.consequence is Consequence.QUARANTINE
    assert found.reasons[-1].metric == ADVISORY, "advice comes last"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"value": math.nan}, Code.NOT_A_NUMBER),
        ({"value": math.inf}, Code.NOT_A_NUMBER),
        ({"value": -math.inf}, Code.NOT_A_NUMBER),
        ({"value": 10**400}, Code.NOT_A_NUMBER),
        ({"coverage": 10**400}, Code.MALFORMED),
        ({"n_scored": 0}, Code.NO_SAMPLES),
        ({"n_scored": -1}, Code.MALFORMED),
        ({"n_scored": 2.5}, Code.MALFORMED),
        ({"n_scored": True}, Code.MALFORMED),
        ({"value": "0.1"}, Code.MALFORMED),
        ({"value": True}, Code.MALFORMED),
        ({"value": "identical"}, Code.MALFORMED),
        ({"value": None}, Code.MALFORMED),
        ({"absent": "because"}, Code.MALFORMED),
        ({"absent": math.nan}, Code.MALFORMED),
        ({"coverage": math.nan}, Code.MALFORMED),
        ({"coverage": 1.5}, Code.MALFORMED),
        ({"unit": "dB"}, Code.MALFORMED),
        ({"direction": "higher"}, Code.MALFORMED),
        ({"fingerprint": "e" * 64}, Code.OTHER_FINGERPRINT),
        ({"fingerprint": None}, Code.OTHER_FINGERPRINT),
        ({"metric": "vibes"}, Code.UNKNOWN_METRIC),
        ({"metric": None}, Code.MALFORMED),
        ({"scope": None}, Code.MALFORMED),
    ],
)
@pytest.mark.parametrize("scope", [TITLE, "s0002"])
def test_a_defective_row_is_quarantined(change: dict[str, Any], code: Code, scope: str) -> None:
    found = verdict(changed(GATED_LINES, scope, **change))
    assert found.consequence is Consequence.QUARANTINE
    assert code in {reason.code for reason in found.reasons}


@pytest.mark.parametrize("column", list(row(GATED_TITLE)))
def test_a_missing_column_is_quarantined(column: str) -> None:
    table = good_table()
    for one in table:
        if one["metric"] == GATED_TITLE:
            del one[column]
    found = verdict(table)
    assert found.consequence is Consequence.QUARANTINE
    assert any(f"lacks the column {column}" in reason.text for reason in found.reasons)


def test_a_column_that_is_missing_everywhere_is_quarantined() -> None:
    table = [{key: value for key, value in one.items() if key != "value"} for one in good_table()]
    assert verdict(table).consequence is Consequence.QUARANTINE


def test_an_empty_table_is_quarantined_and_names_every_metric() -> None:
    found = verdict([])
    assert found.consequence is Consequence.QUARANTINE
    assert {reason.metric for reason in found.reasons} == set(load_metrics())
    assert {reason.code for reason in found.reasons} == {Code.MISSING}


def test_a_metric_that_nobody_gates_may_not_vanish_either() -> None:
    table = [one for one in good_table() if one["metric"] != "loudness"]
    assert [reason.code for reason in verdict(table).reasons] == [Code.MISSING]


def test_an_empty_fingerprint_matches_nothing() -> None:
    table = [one | {"fingerprint": ""} for one in good_table()]
    assert judge(profile(), table, "").consequence is Consequence.QUARANTINE


def test_an_absent_metric_asks_for_what_its_threshold_says() -> None:
    def absent(metric: str) -> Verdict:
        table = [one for one in good_table() if one["metric"] != metric]
        return verdict([*table, row(metric, absent="no recogniser for Catalan")])

    assert absent(GATED_LINES).consequence is Consequence.REVIEW
    assert absent(GATED_TITLE).consequence is Consequence.QUARANTINE
    assert absent(ADVISORY).consequence is Consequence.PUBLISH
    reason = absent(GATED_LINES).reasons[0]
    assert (reason.code, "no recogniser for Catalan" in reason.text) == (Code.ABSENT, True)
    assert absent(GATED_LINES).checks[0].outcome is Outcome.ABSENT


def test_too_little_coverage_counts_as_absence() -> None:
    found = verdict(changed(GATED_LINES, coverage=0.89))
    assert [reason.code for reason in found.reasons] == [Code.COVERAGE]
    assert found.consequence is Consequence.REVIEW
    assert verdict(changed(GATED_LINES, coverage=0.9)).consequence is Consequence.PUBLISH


@pytest.mark.parametrize("segment", SEGMENTS)
def test_a_line_can_not_vanish(segment: str) -> None:
    table = [one for one in good_table() if (one["metric"], one["scope"]) != (GATED_LINES, segment)]
    found = verdict(table)
    assert [reason.code for reason in found.reasons] == [Code.SEGMENTS]
    assert found.consequence is Consequence.QUARANTINE


def test_a_skipped_line_is_counted_not_taken_for_good() -> None:
    table = [one for one in good_table() if one["scope"] != "s0002"]
    table = [
        one | {"n_scored": 2, "n_skipped": 1, "coverage": 0.95}
        if (one["metric"], one["scope"]) in [(GATED_LINES, TITLE), (ADVISORY, TITLE)]
        else one
        for one in table
    ]
    for metric in (GATED_LINES, ADVISORY):
        table.append(row(metric, scope="s0002", absent="shorter than a word", n_skipped=1))
    assert verdict(table).consequence is Consequence.PUBLISH


def test_a_row_told_twice_is_quarantined() -> None:
    table = [*good_table(), row(GATED_TITLE, -3.0)]
    assert [reason.code for reason in verdict(table).reasons] == [Code.DUPLICATE]


def test_lines_of_a_metric_without_lines_are_quarantined() -> None:
    assert verdict([*good_table(), row(GATED_TITLE, -3.0, "s0001")]).consequence is (
        Consequence.QUARANTINE
    )


def test_a_verdict_survives_json() -> None:
    found = verdict(changed(GATED_LINES, "s0003", value=0.9))
    assert Verdict.model_validate_json(found.to_json()) == found
