"""Chunks cover the video; a scene holds one person's face and what it is to say."""

from itertools import pairwise

import numpy as np
import pytest

from airdub.faces import Faces, FaceTrack, Shot
from airdub.transcript import Phoneme
from model_images.common.landmarks import KEPT, Landmarks, pack, write_landmarks
from model_images.lipsync.casting import Role
from model_images.lipsync.scenes import LONGEST, Film, ramped, scene_of
from model_images.lipsync.shapes import table_for

FRAME = 1920


def film(folder, shots, tracks):
    """A film of (first, end) shots and (id, face, first, end) tracks with numbered points."""
    frames = shots[-1][1]
    points = {
        name: pack(np.arange(first, end)[:, None, None] * np.ones((1, len(KEPT), 2)), 0.125)
        for name, _, first, end in tracks
    }
    write_landmarks(folder / "l.npz", points, 0.125, np.arange(frames) * FRAME)
    return Film(
        faces=Faces(
            frames=frames,
            shots=tuple(Shot(first_frame=a, end_frame=b) for a, b in shots),
            tracks=tuple(
                FaceTrack(id=name, identity=face, first_frame=first, end_frame=end)
                for name, face, first, end in tracks
            ),
        ),
        landmarks=Landmarks(folder / "l.npz"),
        table=table_for("en"),
        end_tick=frames * FRAME,
    )


def role(*frames, phonemes=()):
    return Role("face_1", ("s0001",), ("ana",), tuple(phonemes), frames, ())


def test_chunks_are_shots_and_long_shots_in_equal_parts(tmp_path):
    last = 100 + 2 * LONGEST + 50
    whole = film(tmp_path, [(0, 100), (100, last)], [])
    found = whole.chunks
    assert found[0] == (0, 100)
    assert [a for a, _ in found[1:]] == [b for _, b in found[:-1]]
    assert found[-1][1] == last
    assert len(found) == 4
    lengths = [end - first for first, end in found[1:]]
    assert max(lengths) <= LONGEST
    assert max(lengths) - min(lengths) <= 1
    frames = np.array([0, 99, 100, last - 1])
    assert whole.chunks_of(frames).tolist() == [0, 0, 1, 3]


def test_a_scene_joins_the_persons_tracks_of_the_piece(tmp_path):
    tracks = [("t1", "face_1", 0, 30), ("t2", "face_2", 0, 80), ("t3", "face_1", 50, 80),
              ("t4", "face_1", 80, 100)]  # fmt: skip
    a = Phoneme(symbol="a", start=20 * FRAME, end=26 * FRAME)
    scene = scene_of(
        film(tmp_path, [(0, 80), (80, 100)], tracks), role((15, 60), phonemes=[a]), (0, 80)
    )
    assert scene.face == "face_1"
    assert scene.frames.tolist() == [*range(30), *range(50, 80)]
    assert scene.points[:, 0, 0].tolist() == scene.frames.tolist()
    assert scene.wanted.opening[23] > 0.9
    assert scene.wanted.opening[50] < 0.1
    assert (scene.weight > 0).tolist() == [15 <= frame < 60 for frame in scene.frames]


def test_a_scene_of_a_long_shot_knows_the_chunks_of_its_frames(tmp_path):
    whole = film(tmp_path, [(0, 40), (40, 400)], [("t1", "face_1", 100, 300)])
    scene = scene_of(whole, role((0, 400)), (40, 400))
    assert scene.frames.tolist() == list(range(100, 300))
    assert scene.chunks.tolist() == [1 if frame < 220 else 2 for frame in range(100, 300)]


def test_every_shot_has_its_own_tracks_and_weights(tmp_path):
    edges = [*range(0, 401, 40)]
    tracks = [
        (f"t{n}", f"face_{1 + n % 2}", first, first + 40) for n, first in enumerate(edges[:-1])
    ]
    whole = film(tmp_path, list(pairwise(edges)), tracks)
    mine = role((10, 30), (70, 95), (170, 230), (325, 350))
    scenes = [scene for shot in whole.shots if (scene := scene_of(whole, mine, shot))]
    assert [scene.frames[0] for scene in scenes] == [0, 80, 160, 320]
    middles = (whole.edges[:-1] + whole.edges[1:]) // 2
    weight = ramped(mine.frames, middles, whole.edges)
    assert all((scene.weight == weight[scene.frames]).all() for scene in scenes)


@pytest.mark.parametrize("frames", [(), ((85, 100),), ((30, 50),)])
def test_nothing_to_change_is_no_scene(tmp_path, frames):
    tracks = [("t1", "face_1", 0, 30), ("t3", "face_1", 50, 80)]
    whole = film(tmp_path, [(0, 80), (80, 100)], tracks)
    assert scene_of(whole, role(*frames), (0, 80)) is None


def test_the_usual_range_is_that_of_all_tracks(tmp_path):
    usual = film(tmp_path, [(0, 50)], [("t1", "face_1", 0, 20), ("t2", "face_2", 0, 50)]).usual
    assert set(usual) == {"face_1", "face_2"}


def test_weights_rise_and_fall_within_the_span():
    edges = np.arange(41) * FRAME
    weight = ramped([(10, 30)], (edges[:-1] + edges[1:]) // 2, edges)
    assert not weight[:10].any()
    assert not weight[30:].any()
    assert (weight[13:27] == 1).all()
    assert (np.diff(weight[9:14]) > 0).all()
    assert weight[10] == pytest.approx(weight[29])
