"""What a profile asks of a table, as expectations: exact, and readable by people."""

from __future__ import annotations

import pytest

from airdub.gates import Threshold, gate_names, load_gates
from airdub.gates.suite import Condition, Expectation, suite_of
from airdub.metrics import load_metrics
from tests.unit.airdub.gates.tables import PRINT, profile

TITLE_ROW = (
    Condition(column="metric", is_="equal", value="word_error_rate"),
    Condition(column="scope", is_="equal", value="title"),
)
LINE_ROWS = (TITLE_ROW[0], Condition(column="scope", is_="different", value="title"))
ANY_VALUE = Condition(
    column="state", is_="among", value=("measured", "identical", "not_applicable")
)
BOUNDED = Condition(column="state", is_="among", value=("measured", "identical"))


def of(metric: str, *thresholds: Threshold) -> list[Expectation]:
    suite = suite_of(profile(thresholds=thresholds), PRINT)
    return [one for one in suite if one.metric == metric]


def test_a_threshold_asks_for_a_value_then_bounds_coverage_and_every_line() -> None:
    threshold = Threshold(metric="word_error_rate", most=0.3, worst_most=0.5, coverage=0.9)
    count, bounds, coverage, lines = of("word_error_rate", threshold)
    assert count == Expectation(
        type="ExpectTableRowCountToBeBetween",
        arguments={"min_value": 1, "max_value": 1},
        rows=(*TITLE_ROW, ANY_VALUE),
        metric="word_error_rate",
        text="word_error_rate: there is a value for the title",
    )
    assert bounds == Expectation(
        type="ExpectColumnMaxToBeBetween",
        arguments={"column": "value", "max_value": 0.3},
        rows=(*TITLE_ROW, BOUNDED),
        metric="word_error_rate",
        text="word_error_rate: at most 0.3 ratio",
    )
    assert coverage.arguments == {"column": "coverage", "min_value": 0.9, "max_value": 1}
    assert (lines.rows, lines.arguments) == (
        (*LINE_ROWS, BOUNDED),
        {"column": "value", "max_value": 0.5},
    )


def test_advice_does_not_block() -> None:
    advice = of(
        "chrf",
        Threshold(metric="psnr", least=1),
        Threshold(metric="chrf", least=50, blocking=False),
    )
    assert [one.blocking for one in advice] == [False, False]
    assert advice[1].text == "chrf (advice): at least 50 points"


def test_a_share_of_nothing_meets_its_bounds() -> None:
    [_, bounds] = of("numbers_kept", Threshold(metric="numbers_kept", least=1))
    assert bounds.type == "ExpectColumnValuesToBeBetween"  # of no row


def test_bounds_on_both_sides_are_one_expectation() -> None:
    [_, bounds] = of("loudness", Threshold(metric="loudness", least=-23.5, most=-22.5))
    assert bounds.arguments == {"column": "value", "min_value": -23.5, "max_value": -22.5}
    assert bounds.text == "loudness: from -23.5 to -22.5 LUFS"


def test_every_table_must_name_every_metric_of_this_evaluation() -> None:
    by_text = {one.text: one for one in suite_of(profile(), PRINT)}
    assert by_text["All rows were measured by this evaluation"].arguments["value_set"] == [PRINT]
    named = by_text["Every metric has a row for the title"].arguments["value_set"]
    assert named == [*load_metrics()]
    assert all(one.blocking for one in by_text.values() if not one.metric)


@pytest.mark.parametrize("name", gate_names())
def test_texts_tell_expectations_apart_and_hold_nothing_that_a_page_would_read_as_tags(
    name: str,
) -> None:
    texts = [one.text for one in suite_of(load_gates(name, "es"), PRINT)]
    assert len(texts) == len(set(texts)) > len(load_metrics())
    assert not [text for text in texts if set(text) & set("<>&")]
