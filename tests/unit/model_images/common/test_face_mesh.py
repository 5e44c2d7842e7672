"""The detector and the mesh find the face of a public-domain portrait where it is."""

import cv2
import numpy as np
import pytest
from skimage import data

from model_images.common.face_mesh import (
    INNER_LIPS,
    MOUTH_CORNERS,
    NOSE_TIP,
    OUTER_EYES,
    FaceMesh,
    Region,
    overlap,
    region_of,
)


@pytest.fixture(scope="module")
def networks():
    return FaceMesh()


@pytest.fixture(scope="module")
def portrait():
    return data.astronaut()


def faces(networks, frame):
    """Regions whose mesh says that a face is there."""
    hits = networks.detect(frame)
    return [hit for hit in hits if networks.mesh(frame, hit.region)[1] > 0.5]


def test_the_portrait_has_one_face_and_its_parts_are_in_order(networks, portrait):
    (hit,) = faces(networks, portrait)
    assert overlap(hit.box, (175, 70, 285, 180)) > 0.9
    points, presence = networks.mesh(portrait, hit.region)
    assert presence > 0.99
    assert points.shape == (468, 3)
    assert points.dtype == np.float32
    right, left = points[OUTER_EYES[0]], points[OUTER_EYES[1]]
    assert right[0] < points[NOSE_TIP, 0] < left[0]
    assert left[1] < points[NOSE_TIP, 1] < points[INNER_LIPS[0], 1] < points[INNER_LIPS[1], 1]
    assert points[MOUTH_CORNERS[0], 0] < points[MOUTH_CORNERS[1], 0]


def test_following_the_last_mesh_finds_the_same_points(networks, portrait):
    (hit,) = faces(networks, portrait)
    first, _ = networks.mesh(portrait, hit.region)
    again, presence = networks.mesh(portrait, region_of(first))
    assert presence > 0.99
    assert np.abs(again - first)[:, :2].mean() < 1.0


@pytest.mark.parametrize("degrees", [-25, 25])
def test_a_tilted_head_gives_a_tilted_mesh(networks, portrait, degrees):
    turn = cv2.getRotationMatrix2D((230, 120), degrees, 1)
    (hit,) = faces(networks, cv2.warpAffine(portrait, turn, (512, 512)))
    upright = networks.mesh(portrait, faces(networks, portrait)[0].region)[0]
    tilted = networks.mesh(cv2.warpAffine(portrait, turn, (512, 512)), hit.region)[0]
    expected = upright[:, :2] @ turn[:, :2].T + turn[:, 2]
    assert np.abs(tilted[:, :2] - expected).mean() < 3


def test_a_small_face_in_a_wide_frame_is_found_and_so_are_two(networks, portrait):
    frame = np.full((720, 1280, 3), 90, np.uint8)
    frame[100:612, 40:552] = portrait
    frame[100:612, 700:1212] = portrait[:, ::-1]
    assert len(faces(networks, frame)) == 2


def test_no_face_in_flat_or_noisy_pictures(networks):
    noise = np.random.default_rng(0).integers(0, 256, (360, 640, 3), dtype=np.uint8)
    for frame in (np.zeros((360, 640, 3), np.uint8), noise, np.full((2, 3, 3), 200, np.uint8)):
        assert faces(networks, frame) == []


def test_region_maps_the_crop_centre_to_its_own_and_keeps_its_side():
    region = Region(100, 50, 96, np.pi / 2)
    to_frame = region.to_frame(192)
    assert np.allclose(to_frame @ [96, 96, 1], [100, 50])
    edge = to_frame @ [192, 96, 1] - to_frame @ [0, 96, 1]
    assert np.allclose(edge, [0, 96])


def test_region_of_a_level_face_is_half_as_large_again_as_its_box():
    points = np.zeros((468, 3), np.float32)
    points[:, 0] = np.linspace(10, 110, 468)
    points[OUTER_EYES[0], :2], points[OUTER_EYES[1], :2] = (30, 20), (90, 20)
    points[0, 1], points[1, 1] = 0, 40
    region = region_of(points)
    assert (region.x, region.y) == pytest.approx((60, 20))
    assert region.side == pytest.approx(150)
    assert region.angle == 0


def test_overlap_is_over_the_smaller_box():
    assert overlap((0, 0, 10, 10), (2, 2, 4, 4)) == 1
    assert overlap((0, 0, 10, 10), (5, 0, 15, 10)) == 0.5
    assert overlap((0, 0, 1, 1), (2, 0, 3, 1)) == 0
