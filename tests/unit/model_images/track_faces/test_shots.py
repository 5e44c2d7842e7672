"""Cuts are found; pans, zooms and flicker are none."""

import av
import cv2
import numpy as np
import pytest

from model_images.common.pictures import Layout, Picture
from model_images.track_faces.shots import ShotReader, is_cut, with_cuts

SCENES = [
    cv2.resize(np.random.default_rng(seed).integers(0, 256, (12, 16, 3), np.uint8), (640, 400))
    for seed in (1, 2)
]


def pictures(frames):
    layout = Layout(320, 200, "yuv420p")
    for index, frame in enumerate(frames):
        picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24")
        yield Picture(index, index, index * 1920, False, layout, picture)


def window(scene: int, x: float = 0, y: float = 0):
    shift = np.array([[1.0, 0, -x], [0, 1.0, -y]])
    return cv2.warpAffine(SCENES[scene], shift, (320, 200))


def cuts(frames):
    found = list(with_cuts(pictures(frames)))
    assert [picture.index for picture, _ in found] == list(range(len(frames)))
    return [picture.index for picture, cut in found if cut]


def test_cuts_are_where_the_scene_changes():
    frames = [window(0)] * 9 + [window(1)] * 5 + [window(0, 200, 100)] * 12
    assert cuts(frames) == [9, 14]


def test_a_cut_at_the_second_and_at_the_last_frame_is_found():
    assert cuts([window(0), *[window(1)] * 6]) == [1]
    assert cuts([*[window(0)] * 6, window(1)]) == [6]


def test_a_fast_pan_is_no_cut():
    assert cuts([window(0, 10 * step) for step in range(30)]) == []


def test_a_slow_fade_to_black_is_no_cut():
    assert cuts([(window(0) * (1 - step / 25)).astype(np.uint8) for step in range(25)]) == []


def test_a_cut_within_a_pan_is_found():
    pan = [window(0, 5 * step) for step in range(12)]
    assert cuts([*pan, *(window(1, 5 * step) for step in range(12))]) == [12]


@pytest.mark.parametrize("count", [1, 2, 3])
def test_short_videos_come_through_whole(count):
    assert cuts([window(0)] * count) == []


SHAKEN = [window(shot % 2, 40 * shot, x) for shot in range(4) for x in (0, 5, 0, 10, 0)]
SHAKEN += [window(0, 30), window(0, 200, 100), *[window(1)] * 4, window(0)]


def test_a_reader_that_begins_in_the_middle_finds_the_same_cuts():
    whole = list(pictures(SHAKEN))
    reader = ShotReader(lambda first, end: iter(whole[first:end]), len(whole))
    wanted = [(picture.index, cut) for picture, cut in with_cuts(whole)]
    assert [index for index, cut in wanted if cut] == [5, 10, 15, 26]
    for begin in range(len(whole)):
        found = [reader.at(index) for index in range(begin, len(whole))]
        assert [(picture.index, cut) for picture, cut in found] == wanted[begin:]


def test_a_reader_goes_on_without_reading_anew():
    asked = []

    def read(first, end):
        asked.append((first, end))
        yield from list(pictures(SHAKEN))[first:end]

    reader = ShotReader(read, len(SHAKEN))
    for index in (7, 8, 9, 2, 3, 9):
        assert reader.at(index)[0].index == index
    assert asked == [(3, 27), (0, 27), (5, 27)]


def test_a_change_must_be_large_and_stand_out():
    quiet = np.array([1.0, 1, 1, 30, 1, 1, 1])
    assert is_cut(quiet, 3)
    assert not is_cut(quiet / 10, 3)
    assert not is_cut(np.array([20.0, 20, 20, 30, 20, 20, 20]), 3)
