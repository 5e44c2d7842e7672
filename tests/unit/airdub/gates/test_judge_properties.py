"""What holds for every table: no change for the worse makes a refused dub pass."""

from __future__ import annotations

import math
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from airdub.gates import Code, Consequence, judge
from airdub.metrics import TITLE, load_metrics
from tests.unit.airdub.gates.tables import (
    GATED_LINES,
    GATED_PICTURE,
    GATED_TITLE,
    PRINT,
    SEGMENTS,
    good_table,
    profile,
    row,
)

Rows = list[dict[str, Any]]

NUMBERS = st.one_of(st.floats(-100, 100), st.sampled_from([math.nan, math.inf, -math.inf]))
ANYTHING = st.one_of(NUMBERS, st.none(), st.booleans(), st.text(max_size=3), st.just("identical"))
CHANGES = st.one_of(
    st.fixed_dictionaries({"value": ANYTHING}),
    st.fixed_dictionaries({"n_scored": st.integers(-1, 4)}),
    st.fixed_dictionaries({"n_skipped": st.integers(-1, 4)}),
    st.fixed_dictionaries({"coverage": NUMBERS}),
    st.fixed_dictionaries({"fingerprint": st.sampled_from([PRINT, "", "other"])}),
    st.fixed_dictionaries({"absent": st.sampled_from(["", "why"])}),
    st.fixed_dictionaries({"value": st.none(), "absent": st.just("why")}),
)
FAILING = st.sampled_from(
    [
        row(GATED_TITLE, 3.0),
        row(GATED_PICTURE, 1.0),
        row(GATED_LINES, 2.0),
        row(GATED_LINES, 2.0, "s0001"),
        row(GATED_LINES, math.nan, "s0009"),
        row(GATED_TITLE, -1.5, fingerprint="other"),
        row(GATED_TITLE, -1.5) | {"metric": "vibes"},
        {},
    ]
)


@st.composite
def tables(draw: st.DrawFn) -> Rows:
    """The good table with a few rows changed or gone."""
    rows = good_table()
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(rows) - 1))
        if draw(st.booleans()):
            rows[at] = rows[at] | draw(CHANGES)
        else:
            del rows[at]
    return rows


def passes(rows: Rows) -> bool:
    return judge(profile(), rows, PRINT).consequence is Consequence.PUBLISH


@given(tables(), FAILING)
def test_adding_a_failing_metric_never_passes(rows: Rows, failing: dict[str, Any]) -> None:
    assert not passes([*rows, failing])


@settings(max_examples=200)
@given(tables(), st.data())
def test_removing_a_metric_never_makes_a_refused_dub_pass(rows: Rows, data: st.DataObject) -> None:
    if not passes(rows):
        at = data.draw(st.integers(0, len(rows) - 1))
        assert not passes(rows[:at] + rows[at + 1 :])


@given(tables(), st.randoms())
def test_the_order_of_rows_does_not_matter(rows: Rows, random: Any) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)
    assert passes(rows) == passes(shuffled)


@given(st.sampled_from([GATED_LINES, GATED_TITLE, GATED_PICTURE]), ANYTHING)
def test_only_a_good_number_passes(metric: str, value: object) -> None:
    bounds = {GATED_LINES: (-math.inf, 0.3), GATED_TITLE: (-math.inf, -1), GATED_PICTURE: (35, 1e9)}
    least, most = bounds[metric]
    good = (isinstance(value, float) and math.isfinite(value) and least <= value <= most) or (
        value == "identical" and metric == GATED_PICTURE
    )
    rows = [
        one | {"value": value} if (one["metric"], one["scope"]) == (metric, TITLE) else one
        for one in good_table()
    ]
    assert passes(rows) == good


@given(st.sampled_from(SEGMENTS), st.floats(0, 1), st.floats(0, 1))
def test_making_a_line_worse_never_helps(segment: str, one: float, other: float) -> None:
    def with_line(value: float) -> Rows:
        return [
            row_ | {"value": value}
            if (row_["metric"], row_["scope"]) == (GATED_LINES, segment)
            else row_
            for row_ in good_table()
        ]

    better, worse = sorted((one, other))
    assert passes(with_line(better)) >= passes(with_line(worse))


@given(st.integers(1, 10), st.integers(1, 10))
def test_another_attempt_never_makes_a_refused_dub_pass(attempt: int, attempts: int) -> None:
    rows = [one | {"value": 9.0} if one["metric"] == GATED_LINES else one for one in good_table()]
    found = judge(profile(attempts=attempts), rows, PRINT, attempt=attempt)
    assert found.consequence is (Consequence.REPAIR if attempt < attempts else Consequence.REVIEW)


@given(st.sampled_from(sorted(load_metrics())))
def test_whatever_vanishes_is_named(metric: str) -> None:
    rows = [one for one in good_table() if one["metric"] != metric]
    found = judge(profile(), rows, PRINT)
    assert [(reason.code, reason.metric) for reason in found.reasons] == [(Code.MISSING, metric)]
