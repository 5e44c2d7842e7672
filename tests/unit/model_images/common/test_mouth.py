"""Openings and poses are over the eyes' distance, whatever the head's size and tilt."""

import numpy as np
import pytest

from model_images.common import mouth
from model_images.common.landmarks import KEPT, rows

PLACES = {33: (-50, 0), 263: (50, 0), 13: (0, 60), 14: (0, 80), 61: (-25, 70), 291: (25, 70),
          4: (10, 40)}  # fmt: skip


def face(scale: float = 1.0, angle: float = 0.0) -> np.ndarray:
    points = np.zeros((1, len(KEPT), 2), np.float32)
    for number, place in PLACES.items():
        points[0, rows((number,))[0]] = place
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return (points @ turn.T * scale + [300, 200]).astype(np.float32)


@pytest.mark.parametrize(("scale", "angle"), [(1, 0), (2.5, 0), (0.3, 0.4), (1, -1.2)])
def test_measures_do_not_depend_on_size_and_tilt(scale, angle):
    points = face(scale, angle)
    assert mouth.eye_distance(points)[0] == pytest.approx(100 * scale, rel=1e-4)
    assert mouth.opening(points)[0] == pytest.approx(0.2, rel=1e-3)
    assert mouth.width(points)[0] == pytest.approx(0.5, rel=1e-3)
    yaw, pitch, roll = mouth.pose(points)[0]
    assert (yaw, pitch) == pytest.approx((0.1, 0.4), rel=1e-3)
    assert roll == pytest.approx(angle, abs=1e-4)
