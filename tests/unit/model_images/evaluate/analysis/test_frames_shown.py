"""A picture that is repeated, late or early isn't the frame that was asked for."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from model_images.evaluate.analysis.frames_shown import FramesShown

WORLD = (128 + 50 * gaussian_filter(np.random.default_rng(2).normal(0, 8, (300, 500)), 4)).clip(
    0, 255
)
ALL = np.full((240, 320), 255, np.uint8)


def camera(frame):
    """A camera that pans by 2 pixels a frame, with grain."""
    grain = np.random.default_rng(frame).normal(0, 1.5, (240, 320))
    return (WORLD[20:260, 2 * frame : 2 * frame + 320] + grain).clip(0, 255).astype(np.uint8)


def encoded(picture, frame):
    noise = np.random.default_rng(1000 + frame).normal(0, 2, picture.shape)
    return (picture + noise).clip(0, 255).astype(np.uint8)


def missing(order, source=camera):
    """Frames that aren't shown when the deliverable shows these frames of the source."""
    shown = FramesShown()
    for frame, other in enumerate(order):
        shown.add(source(frame), encoded(source(other), frame), ALL)
    return shown.finish()


def test_every_frame_is_shown():
    assert missing(range(40)) == 0


@pytest.mark.parametrize("length", [1, 3, 12])
def test_a_repeated_frame_hides_those_in_its_place(length):
    order = [*range(20), *[19] * length, *range(20 + length, 50)]
    assert missing(order) == length


def test_a_picture_that_is_late_by_a_frame_is_late_throughout():
    assert missing([0, *range(39)]) == 39


def test_a_picture_that_is_early_by_two_frames_is_wrong_throughout():
    assert missing(range(2, 40)) >= 36


def test_a_slide_can_be_repeated():
    assert missing([0] * 30, source=lambda frame: camera(0)) == 0


def test_what_is_masked_tells_nothing():
    shown = FramesShown()
    for frame in range(20):
        shown.add(camera(frame), encoded(camera(0), frame), np.zeros_like(ALL))
    assert shown.finish() == 0


def test_untouched_frames_are_shown():
    shown = FramesShown()
    for frame in range(20):
        picture = camera(frame)
        shown.add(picture, picture, ALL)
    assert shown.finish() == 0
