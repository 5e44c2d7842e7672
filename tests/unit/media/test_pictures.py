"""Measures of pictures on pictures whose answer is known."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from tests.media import pictures
from tests.media.portrait import Portrait, Pose
from tests.media.still import SIZE, still, still_points

PATCH = np.full((8, 8, 3), 100, np.uint8)


def test_psnr_of_a_known_error() -> None:
    """An error of 10 in every pixel is 20 log10(255 / 10) dB."""
    assert pictures.psnr_db(PATCH, PATCH + np.uint8(10)) == pytest.approx(28.13, abs=0.01)
    assert pictures.psnr_db(PATCH, PATCH) == np.inf


def test_psnr_counts_the_masked_part_alone() -> None:
    other = PATCH.copy()
    other[:4] = 0
    lower = np.zeros((8, 8), bool)
    lower[4:] = True
    assert pictures.psnr_db(PATCH, other, lower) == np.inf
    assert pictures.psnr_db(PATCH, other, ~lower) < 10


@pytest.fixture(scope="module")
def portrait() -> Portrait:
    return Portrait()


def points() -> np.ndarray:
    return np.column_stack([still_points(), np.zeros(468)]).astype(np.float32)


def test_mask_covers_the_mouth_and_leaves_the_eyes() -> None:
    mask = pictures.mouth_mask((SIZE, SIZE), [points()])
    at = {number: tuple(points()[number, 1::-1].astype(int)) for number in (13, 14, 152, 33, 263)}
    assert mask[at[13]]
    assert mask[at[14]]
    assert mask[at[152]]
    assert not mask[at[33]]
    assert not mask[at[263]]
    assert mask.mean() < 0.1


def test_no_face_masks_nothing() -> None:
    assert not pictures.mouth_mask((40, 40), []).any()


MEASURES = [pictures.dark_area, pictures.mouth_inside]


@pytest.mark.parametrize("measure", MEASURES)
def test_more_of_the_inside_shows_the_wider_the_mouth(
    portrait: Portrait, measure: Callable[[pictures.RgbFrame], float]
) -> None:
    shown = []
    for opening in (0.0, 0.25, 0.5, 0.75, 1.0):
        frame = np.ascontiguousarray(portrait.render(Pose(opening, 0.5))[..., ::-1])
        shown.append(measure(pictures.mouth_crop(frame, points())))
    assert np.all(np.diff(shown) > 0.01)


@pytest.mark.parametrize("measure", MEASURES)
def test_what_shows_does_not_depend_on_size_or_turn(
    portrait: Portrait, measure: Callable[[pictures.RgbFrame], float]
) -> None:
    frame = np.ascontiguousarray(portrait.render(Pose(0.6, 0.5))[..., ::-1])
    upright = measure(pictures.mouth_crop(frame, points()))
    turn = cv2.getRotationMatrix2D((256, 256), 20, 0.9)
    turned_points = points()
    turned_points[:, :2] = points()[:, :2] @ turn[:, :2].T.astype(np.float32) + turn[:, 2]
    turned = cv2.warpAffine(frame, turn, (SIZE, SIZE))
    assert measure(pictures.mouth_crop(turned, turned_points)) == pytest.approx(upright, rel=0.1)


def test_teeth_between_the_lips_count_as_an_open_mouth() -> None:
    lips = np.full((*pictures.CROP, 3), (190, 120, 105), np.uint8)
    teeth = lips.copy()
    teeth[18:26, 12:52] = (215, 205, 195)
    assert pictures.dark_area(teeth) == 0
    assert pictures.mouth_inside(teeth) > pictures.mouth_inside(lips) + 0.1


def test_faces_keep_their_numbers_and_new_ones_get_new(portrait: Portrait) -> None:
    face = np.ascontiguousarray(still()[..., ::-1])
    half = face[:, 90:420]
    both = np.hstack([half, half[:, ::-1]])
    follower = pictures.FaceFollower()
    assert list(follower.follow(both)) == [0, 1]
    assert sorted(follower.follow(both)) == [0, 1]
    assert list(follower.follow(np.zeros_like(both))) == []
    assert sorted(follower.follow(both)) == [2, 3]


def test_the_mouth_that_moves_is_the_one_that_counts() -> None:
    compared = pictures.Comparison(times_s=[0.0, 0.04, 0.08, 0.12])
    measure = {0: {0: 0.1, 1: 0.1, 2: 0.1}, 1: {0: 0.3, 1: 0.5, 2: 0.4}}
    path = compared.mouth(measure)
    assert path[:3] == pytest.approx([0.0, 0.18, 0.08], abs=0.02)
    assert np.isnan(path[3])
