"""The same person is known again; in doubt two tracks stay two people."""

import numpy as np
import pytest

from model_images.common.face_mesh import FaceMesh
from model_images.track_faces import identity
from model_images.track_faces.identity import (
    MIN_COLOURS,
    MIN_GRADIENTS,
    Appearance,
    identities,
    likeness,
    looks_of,
)
from tests.media.portrait import Pose
from tests.talking_clips import portrait


def looks(disguised: bool, pose: Pose):
    frame = np.ascontiguousarray(portrait(disguised).render(pose)[..., ::-1])
    networks = FaceMesh()
    mesh, _ = networks.mesh(frame, networks.detect(frame)[0].region)
    return looks_of(frame, mesh)


@pytest.fixture(scope="module")
def faces():
    """Looks of one person twice, then of another."""
    return [looks(False, Pose(0.1, 0.5)), looks(False, Pose(0.7, 0.6)), looks(True, Pose(0.1, 0.5))]


def seen(first, end, looks, *, shot=0, x=100.0):
    return Appearance(first, end, shot, (x, 100.0, 80.0), (x, 100.0, 80.0), looks)


def test_one_person_is_more_alike_than_two(faces):
    same, other = likeness(faces[0], faces[1]), likeness(faces[0], faces[2])
    assert same[0] > 0.97 > MIN_GRADIENTS > other[0]
    assert same[1] > 0.97 > MIN_COLOURS


def test_a_person_is_known_again_in_another_shot(faces):
    one, again, other = faces
    tracks = [seen(0, 50, one), seen(50, 90, other, shot=1), seen(90, 140, again, shot=2)]
    assert identities(tracks, max_gap=25) == [1, 2, 1]


def test_two_faces_in_one_frame_are_two_people_however_alike(faces):
    tracks = [seen(0, 50, faces[0]), seen(20, 60, faces[0], x=300)]
    assert identities(tracks, max_gap=25) == [1, 2]


def test_a_face_that_comes_back_in_its_place_is_the_same(faces):
    tracks = [seen(0, 50, faces[0]), seen(60, 90, faces[2]), seen(300, 320, faces[2])]
    assert identities(tracks, max_gap=25) == [1, 1, 1]
    assert identities(tracks[:2], max_gap=5) == [1, 2]


def test_a_track_is_held_against_everybody_at_once(faces, monkeypatch):
    asked = []
    compare = identity.likeness
    monkeypatch.setattr(identity, "likeness", lambda a, b: asked.append(len(b)) or compare(a, b))
    unlike = np.random.default_rng(0).random((40, len(faces[0]))).astype(np.float32)
    tracks = [seen(10 * n, 10 * n + 10, one, shot=n) for n, one in enumerate([*unlike, unlike[7]])]
    assert identities(tracks, max_gap=25) == [*range(1, 41), 8]
    assert asked == list(range(41))


def test_no_tracks_no_people():
    assert identities([], max_gap=25) == []
