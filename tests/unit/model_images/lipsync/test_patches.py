"""Rectangles of planes come out whole and go back without touching a neighbour."""

import numpy as np
import pytest

from model_images.common.pictures import Layout
from model_images.lipsync.patches import Rectangle, merged, put, rectangle_round, take

FORMATS = [(64, 48, "yuv420p"), (64, 47, "yuv422p"), (63, 47, "yuv444p")]


def planes_of(layout: Layout, seed: int = 0):
    rng = np.random.default_rng(seed)
    across, down = layout.chroma_step
    shapes = [(layout.height, layout.width)] + [(layout.height // down, layout.width // across)] * 2
    return tuple(rng.integers(0, 256, shape, np.uint8) for shape in shapes)


@pytest.mark.parametrize("layout", [Layout(*each) for each in FORMATS])
def test_a_patch_put_back_unchanged_changes_luma_nowhere(layout):
    planes = planes_of(layout)
    before = [plane.copy() for plane in planes]
    rectangle = Rectangle(10, 12, 40, 36)
    patch = merged(take(planes, rectangle, layout))
    assert patch.shape == (24, 30, 3)
    put(planes, rectangle, layout, patch, np.ones(patch.shape[:2], bool))
    assert np.array_equal(planes[0], before[0])


@pytest.mark.parametrize("layout", [Layout(*each) for each in FORMATS])
def test_only_marked_pixels_change(layout):
    planes = planes_of(layout)
    before = [plane.copy() for plane in planes]
    rectangle = Rectangle(10, 12, 40, 36)
    patch = merged(take(planes, rectangle, layout))
    changed = np.zeros(patch.shape[:2], bool)
    changed[4:8, 6:14] = True
    put(planes, rectangle, layout, np.full_like(patch, 77), changed)
    across, down = layout.chroma_step
    for plane, old, (x, y) in zip(
        planes, before, ((1, 1), (across, down), (across, down)), strict=True
    ):
        inside = (slice(16 // y, 20 // y), slice(16 // x, 24 // x))
        assert (plane[inside] == 77).all()
        plane[inside] = old[inside]
        assert np.array_equal(plane, old)


def test_a_rectangle_is_even_and_stays_in_the_picture():
    layout = Layout(64, 48, "yuv420p")
    points = np.array([[11.2, 13.9], [30.1, 20.0]], np.float32)
    assert rectangle_round(points, 2, layout) == Rectangle(8, 10, 34, 22)
    assert rectangle_round(points + 30, 20, layout) == Rectangle(20, 22, 64, 48)
    assert rectangle_round(points + 500, 2, layout).empty
    assert Rectangle(4, 4, 10, 8).size == (6, 4)
