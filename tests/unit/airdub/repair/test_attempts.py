"""Which attempt is kept, and what a line of it is worth."""

from __future__ import annotations

import pytest

from airdub.gates import Threshold
from airdub.repair import best_attempt
from airdub.repair.attempts import failing_lines, line_score, relative_excess
from tests.unit.airdub.repair.cases import GATES, Values, attempt

GOOD: Values = {}
ONE_LINE: Values = {"word_error_rate": {"title": 0.2, "s0002": 0.6}}
ONE_LINE_WORSE: Values = {"word_error_rate": {"title": 0.2, "s0002": 0.9}}
TWO_LINES: Values = {"word_error_rate": {"title": 0.2, "s0001": 0.51, "s0002": 0.51}}
NO_PICTURE: Values = {"psnr": {"title": 34.9}}


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (GOOD, ONE_LINE),
        (ONE_LINE, ONE_LINE_WORSE),
        (ONE_LINE_WORSE, TWO_LINES),
        (TWO_LINES, NO_PICTURE),
    ],
)
def test_decision_then_reasons_then_how_far_off(better: Values, worse: Values) -> None:
    assert best_attempt([attempt(1, better), attempt(2, worse)], GATES).number == 1
    assert best_attempt([attempt(1, worse), attempt(2, better)], GATES).number == 2


def test_of_equal_attempts_the_one_that_changed_less() -> None:
    assert best_attempt([attempt(number, ONE_LINE) for number in (1, 2, 3)], GATES).number == 1


def test_a_last_attempt_is_no_better_because_it_goes_to_people() -> None:
    last = attempt(4, ONE_LINE_WORSE)
    assert last.verdict.decision == "REVIEW"
    assert best_attempt([attempt(1, ONE_LINE), last], GATES).number == 1


def test_a_line_is_worth_the_bounds_that_it_misses_then_how_far() -> None:
    scores = [
        line_score(attempt(1, values), GATES, "s0002")
        for values in (GOOD, {"word_error_rate": {"s0002": 0.45}}, ONE_LINE, ONE_LINE_WORSE)
    ]
    assert scores == sorted(scores)
    assert len(set(scores)) == 4


def test_a_line_that_became_unmeasurable_is_no_better() -> None:
    gone = attempt(2, GOOD)
    for row in gone.rows:
        if (row["metric"], row["scope"]) == ("word_error_rate", "s0002"):
            row |= {"value": None, "absent": "silence", "n_scored": 0}
    assert line_score(gone, GATES, "s0002") > line_score(attempt(1, GOOD), GATES, "s0002")


def test_lines_that_lie_beyond_the_title_s_bound_are_to_blame_for_the_title() -> None:
    values = {"word_error_rate": {"title": 0.4, "s0001": 0.31, "s0002": 0.3, "s0003": 0.6}}
    assert failing_lines(attempt(1, values), GATES) == {
        "s0001": ("word_error_rate",),
        "s0003": ("word_error_rate",),
    }


@pytest.mark.parametrize(
    ("bounds", "value", "excess"),
    [
        ({"most": 0.5}, 0.75, 0.5),
        ({"least": -20.0, "most": 0.0}, -30.0, 0.5),
        ({"least": -20.0, "most": 0.0}, 3.0, 3.0),
        ({"most": 0.0}, 1e9, 10.0),
        ({"most": 0.5}, 0.5, 0.0),
    ],
)
def test_how_far_off_is_told_in_parts_of_the_bound(
    bounds: dict[str, float], value: float, excess: float
) -> None:
    threshold = Threshold(metric="loudness", **bounds)  # type: ignore[arg-type]
    assert relative_excess(threshold, value) == pytest.approx(excess)


def test_identical_pictures_are_never_too_bad() -> None:
    assert relative_excess(Threshold(metric="psnr", least=35), "identical") == 0.0
    assert relative_excess(Threshold(metric="psnr", most=35), "identical") == 10.0
