import numpy as np
import pytest

from model_images.convert_voice.levels import fitted, like


def test_length_and_loudness_of_a_take_are_kept() -> None:
    assert fitted(np.ones(3), 5).tolist() == [1, 1, 1, 0, 0]
    assert fitted(np.ones(7), 5).tolist() == [1] * 5
    assert like(np.full(4, 0.1), np.full(4, 0.3)) == pytest.approx(np.full(4, 0.3))
    assert like(np.array([0.5, 0, 0, 0]), np.full(4, 0.9)).max() == pytest.approx(0.98)
    assert like(np.zeros(4), np.ones(4)).tolist() == [0] * 4
