"""Bounds lie beyond what clean dubs show, and land where they belong in the gate file."""

from __future__ import annotations

import pytest

from tests.benchmarks.calibration.bounds import Rule, Spread, bounds_of, outwards, rewritten

SPREAD = Spread(margin=1, step=0.01, at_least=0.1)


def test_a_bound_lies_as_far_beyond_the_worst_as_the_worst_from_the_median() -> None:
    assert outwards([0.1, 0.2, 0.5], SPREAD, up=True) == pytest.approx(0.8)
    assert outwards([0.9, 0.8, 0.5], SPREAD, up=False) == pytest.approx(0.2)


def test_equal_values_leave_some_room() -> None:
    assert outwards([0.3, 0.3], SPREAD, up=True) == pytest.approx(0.4)


def test_a_quantile_leaves_out_the_worst_lines() -> None:
    lines = [0.1] * 95 + [0.2] * 4 + [1.0]
    kept = Spread(q=0.02, margin=0, step=0.05, at_least=0)
    assert outwards(lines, kept, up=True) == pytest.approx(0.2)


def test_rounding_goes_outwards() -> None:
    exact = Spread(margin=0, step=0.5, at_least=0)
    assert outwards([-23.2], exact, up=False) == pytest.approx(-23.5)
    assert outwards([2.1], exact, up=True) == pytest.approx(2.5)


def test_a_lower_metric_is_bounded_from_above_for_titles_and_lines() -> None:
    rule = Rule(title=SPREAD, line=SPREAD)
    assert bounds_of("word_error_rate", rule, [0.1], [0.2]) == {"most": 0.2, "worst_most": 0.3}
    assert bounds_of("word_error_rate", rule, [], []) == {}
    assert set(bounds_of("stereo_width", Rule(title=SPREAD), [0.1], [])) == {"least", "most"}


def test_only_the_numbers_of_the_gate_file_change() -> None:
    gates = "  # words\n  word_error_rate: {most: 0.35, worst_most: 0.75, on_fail: repair}\n"
    new = rewritten(gates, {"word_error_rate": {"most": 0.2, "worst_most": 0.5}})
    assert new == "  # words\n  word_error_rate: {most: 0.2, worst_most: 0.5, on_fail: repair}\n"
    with pytest.raises(ValueError, match="worst_least"):
        rewritten(gates, {"word_error_rate": {"worst_least": 0.5}})
