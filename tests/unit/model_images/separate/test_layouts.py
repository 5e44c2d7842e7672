import numpy as np
import pytest

from model_images.separate.layouts import matching_matrix


def fold(levels: list[float], wanted: int, *, is_dialogue: bool = False) -> list[float]:
    matrix = matching_matrix(len(levels), wanted, is_dialogue=is_dialogue)
    assert matrix is not None
    return [round(float(level), 3) for level in np.array(levels, np.float32) @ matrix]


def test_equal_channels_stay() -> None:
    assert fold([1, 2, 3, 4, 5, 6], 6) == [1, 2, 3, 4, 5, 6]


def test_mono() -> None:
    assert fold([1], 2) == [1, 1]
    assert fold([1], 6, is_dialogue=True) == [0, 0, 1, 0, 0, 0]


def test_folding_down() -> None:
    assert fold([1, 0.5], 1) == [0.75]
    assert fold([1, 0, 1, 9, 0, 1], 2) == [1.707, 1.414]


@pytest.mark.parametrize(("given", "wanted"), [(1, 6), (2, 6), (4, 2), (8, 6)])
def test_what_has_no_fair_way(given: int, wanted: int) -> None:
    assert matching_matrix(given, wanted, is_dialogue=False) is None
