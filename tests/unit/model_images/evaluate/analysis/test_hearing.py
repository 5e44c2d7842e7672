"""What is heard belongs to its line alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_images.evaluate.analysis.hearing import shared, widened, word_errors

SPANS = st.tuples(st.integers(0, 900), st.integers(1, 200)).map(lambda one: (one[0], sum(one)))


@pytest.mark.parametrize(
    ("others", "share"),
    [
        ([], 0.0),
        ([(0, 100), (200, 300)], 0.0),
        ([(0, 150)], 0.5),
        ([(90, 150), (120, 150)], 0.5),
        ([(0, 110), (190, 300), (105, 110)], 0.2),
        ([(0, 300)], 1.0),
    ],
)
def test_share_of_a_line_under_other_voices(others: list[tuple[int, int]], share: float) -> None:
    assert shared((100, 200), others) == pytest.approx(share)


@given(SPANS, st.lists(SPANS, max_size=6))
def test_the_share_is_that_of_the_ticks(
    span: tuple[int, int], others: list[tuple[int, int]]
) -> None:
    ticks = [any(first <= at < last for first, last in others) for at in range(*span)]
    assert shared(span, others) == pytest.approx(sum(ticks) / len(ticks))


def test_a_line_gets_a_margin_that_ends_halfway_to_its_neighbours() -> None:
    assert widened((100, 200), [], margin=50) == (50, 250)
    assert widened((100, 200), [(0, 80), (230, 300)], margin=50) == (90, 215)
    assert widened((100, 200), [(0, 100), (150, 300)], margin=50) == (100, 250)


def test_word_errors_are_the_least_changes() -> None:
    assert word_errors(["a", "b", "c"], ["a", "x", "c", "d"]) == 2
    assert word_errors(["a", "b"], []) == 2
    assert word_errors(["a"], ["a", "b", "c"]) == 2
