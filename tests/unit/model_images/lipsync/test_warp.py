"""Lips part and shut by what is asked; teeth, nose and the rest stand still."""

import numpy as np
import pytest

from model_images.lipsync import warp
from tests.unit.model_images.lipsync import faces


def grid():
    y, x = np.mgrid[: faces.SIZE, : faces.SIZE].astype(np.float32)
    return np.dstack([x, y])


def moved(gap: float, wider_px: float):
    """Vertical distance between each pixel and its origin."""
    places = grid()
    mouth = warp.mouth_frame(faces.points(gap))
    return places[..., 1] - warp.shifted(places, mouth, wider_px)[..., 1]


def test_the_mouth_is_measured():
    mouth = warp.mouth_frame(faces.points(10))
    assert mouth.gap == pytest.approx(10, abs=0.5)
    assert mouth.half_width == pytest.approx(faces.HALF_WIDTH, abs=0.1)
    assert mouth.unit == pytest.approx(faces.EYES_APART)
    assert mouth.middle == pytest.approx(faces.MOUTH, abs=0.5)
    assert mouth.down == pytest.approx([0, 1])


@pytest.mark.parametrize(("gap", "wider"), [(10, 6), (10, -8), (3, 10), (20, -20)])
def test_the_lower_lip_moves_most_and_the_upper_a_little(gap, wider):
    shift = moved(gap, wider)
    x, y = faces.MOUTH.astype(int)
    below = y + round(gap / 2 + 0.75 * wider) + 1
    above = y - round(gap / 2 + 0.25 * wider) - 1
    assert shift[below, x] == pytest.approx(0.75 * wider, abs=0.12 * abs(wider))
    assert shift[above, x] == pytest.approx(-0.25 * wider, abs=0.12 * abs(wider))


def test_nothing_moves_at_the_nose_below_the_chin_or_beside_the_mouth():
    shift = moved(10, 8)
    assert np.abs(shift[:136]).max() < 0.02
    assert np.abs(shift[239]).max() < np.abs(shift[222]).max() / 2 < 1.2  # the chin is at 222
    assert np.abs(shift[:, :89]).max() == 0
    assert np.abs(shift[:, 151:]).max() == 0


def test_upper_teeth_stand_still_while_the_mouth_opens():
    shift = moved(16, 6)
    x, y = faces.MOUTH.astype(int)
    assert np.abs(shift[y - 5 : y + 1, x]).max() < 0.2


@pytest.mark.parametrize("wider", [6, 12, -6, -12])
def test_the_map_never_folds(wider):
    places = grid()
    mouth = warp.mouth_frame(faces.points(12))
    origin = warp.shifted(places, mouth, wider)[..., 1]
    lips = slice(120, 240)
    folds = np.diff(origin[lips, 120]) < -0.05
    # A shutting mouth hides its inside under the lips: one step back at each lip is right.
    assert folds.sum() <= (0 if wider > 0 else 2)


def test_an_opened_mouth_is_dark_inside_only_if_it_was_shut():
    patch = np.full((faces.SIZE, faces.SIZE, 3), (120, 120, 150), np.uint8)
    lips = faces.points(14)
    was_shut = warp.darken(patch, lips, 13, 14)
    was_open = warp.darken(patch, lips, 4, 14)
    x, y = faces.MOUTH.astype(int)
    assert was_shut[y, x, 0] < 65
    assert np.array_equal(was_open, patch)
    assert np.array_equal(was_shut[:140], patch[:140])


def test_landmarks_move_with_the_lips():
    mouth = warp.mouth_frame(faces.points(6))
    wider = warp.mouth_frame(warp.opened(faces.points(6), mouth, 9))
    assert wider.gap == pytest.approx(15, abs=0.5)
