"""A donor's mouth arrives aligned, in the right light, and outside of it no pixel changes."""

import cv2
import numpy as np
import pytest

from model_images.common.landmarks import LOWER_FACE, rows
from model_images.lipsync import paste
from model_images.lipsync.patches import take
from model_images.lipsync.protocol import Edit
from tests.unit.model_images.lipsync import faces


def edit(gap, donor_gap, *, shift=(0, 0), donor_shift=(0, 0), opening=None, weight=1.0):
    return Edit(
        frame=0,
        face="face_1",
        donor=1,
        points=faces.points(gap, shift),
        donor_points=faces.points(donor_gap, donor_shift),
        opening=(donor_gap if opening is None else opening) / faces.EYES_APART,
        weight=weight,
        method="rewrite",
    )


def donor(change: Edit, planes):
    rectangle = paste.donor_rectangle(change.donor_points, faces.LAYOUT)
    return rectangle, take(planes, rectangle, faces.LAYOUT)


def changed(change: Edit, own, lent):
    planes = tuple(plane.copy() for plane in own)
    paste.apply(planes, faces.LAYOUT, change, donor(change, lent))
    return planes


@pytest.mark.parametrize(("gap", "donor_gap"), [(2, 18), (18, 2), (10, 10)])
def test_the_donors_opening_is_shown(gap, donor_gap):
    luma = changed(edit(gap, donor_gap), faces.picture(gap), faces.picture(donor_gap))[0]
    assert faces.dark_gap(luma) == pytest.approx(
        faces.dark_gap(faces.picture(donor_gap)[0]), abs=0.5
    )


@pytest.mark.parametrize("wanted", [6, 10, 14])
def test_what_the_donor_lacks_is_warped(wanted):
    luma = changed(edit(4, 10, opening=wanted), faces.picture(4), faces.picture(10))[0]
    expected = faces.dark_gap(faces.picture(wanted)[0])
    assert faces.dark_gap(luma) == pytest.approx(expected, abs=1.6)


def test_lips_that_must_touch_touch():
    luma = changed(edit(12, 8, opening=0), faces.picture(12), faces.picture(8))[0]
    assert faces.dark_gap(luma) < 2.0  # the line where lips meet


def test_a_donor_from_another_place_is_aligned():
    change = edit(4, 16, shift=(0, 0), donor_shift=(14, -9))
    luma = changed(change, faces.picture(4), faces.picture(16, (14, -9)))[0]
    reference = faces.picture(16)[0].astype(float)
    where = paste.outline_mask((change.points[rows(LOWER_FACE)],), (240, 240), 10) > 0.98
    assert np.abs(luma.astype(float) - reference)[where].mean() < 5


def test_a_donor_in_other_light_leaves_no_seam():
    own, lent = faces.picture(4), faces.picture(4, brightness=30)
    luma = changed(edit(4, 4), own, lent)[0]
    assert np.abs(luma.astype(int) - own[0]).max() <= 3


def test_outside_of_the_lower_face_every_pixel_stays():
    own, lent = faces.picture(4), faces.picture(18)
    planes = changed(edit(4, 18), own, lent)
    hull = cv2.convexHull(np.round(faces.points(4)[rows(LOWER_FACE)]).astype(np.int32))
    inside = cv2.fillConvexPoly(np.zeros((240, 240), np.uint8), hull, 1)
    outside = cv2.dilate(inside, np.ones((5, 5))) == 0
    assert np.array_equal(planes[0][outside], own[0][outside])
    coarse = outside.reshape(120, 2, 120, 2).all(axis=(1, 3))
    for number in (1, 2):
        assert np.array_equal(planes[number][coarse], own[number][coarse])


def test_weight_zero_changes_nothing_and_half_goes_half_way():
    own, lent = faces.picture(4), faces.picture(18)
    none, half, full = (
        changed(edit(4, 18, weight=w), own, lent)[0].astype(int) for w in (0.0, 0.5, 1.0)
    )
    assert np.array_equal(none, own[0])
    assert np.abs(half - (none + full) / 2).max() <= 1.5


def test_a_face_at_the_pictures_edge_or_beyond_is_handled():
    own, lent = faces.picture(4), faces.picture(18)
    for shift in ((90, 0), (0, 100), (400, 400)):
        planes = changed(edit(4, 18, shift=shift, donor_shift=shift), own, lent)
        assert [plane.shape for plane in planes] == [(240, 240), (120, 120), (120, 120)]
    assert all(map(np.array_equal, planes, own))  # wholly outside: untouched


def test_similarity_is_exact_for_a_turn_a_scale_and_a_shift():
    rng = np.random.default_rng(0)
    source = rng.uniform(0, 100, (14, 2)).astype(np.float32)
    cos, sin = 1.3 * np.cos(0.2), 1.3 * np.sin(0.2)
    matrix = np.array([[cos, -sin, 5], [sin, cos, -8]])
    target = (source @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32)
    assert paste.similarity(source, target) == pytest.approx(matrix, abs=1e-3)
