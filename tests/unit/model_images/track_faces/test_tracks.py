"""Tracks begin, go on and end with the faces that an engine reports."""

from dataclasses import dataclass, field

import numpy as np

from model_images.common.landmarks import KEPT
from model_images.track_faces.tracks import Tracker, plausible

FRAME = np.zeros((240, 320, 3), np.uint8)
SHAPE = np.random.default_rng(4).uniform(-20, 20, (468, 3)).astype(np.float32)
SHAPE[33, :2], SHAPE[263, :2] = (-15, -5), (15, -5)


def mesh(x: float, y: float = 120, scale: float = 1.0):
    return (SHAPE * scale + np.array([x, y, 0])).astype(np.float32)


@dataclass
class ScriptedFaces:
    """A `FaceEngine` that sees what a script says: places (x, y) of faces per frame."""

    script: list[list[tuple[float, float]]]
    looks: list[int] = field(default_factory=list)
    frame: int = 0

    def find(self, frame):
        self.looks.append(self.frame)
        return [mesh(*place) for place in self.script[self.frame]]

    def follow(self, frame, last):
        near = [
            place for place in self.script[self.frame] if abs(place[0] - last[:, 0].mean()) < 40
        ]
        return mesh(*near[0]) if near else None


def tracked(script, *, cuts=(), detect_every=100, min_frames=1):
    engine = ScriptedFaces(script)
    tracker = Tracker(
        engine,
        quantum_px=0.125,
        detect_every=detect_every,
        min_frames=min_frames,
        sample=lambda frame, mesh: np.ones(2, np.float32),
    )
    for index in range(len(script)):
        engine.frame = index
        tracker.step(index, FRAME, cut=index in cuts)
    return [(t.first_frame, t.end_frame) for t in tracker.finish()], engine, tracker


HERE, THERE = (100.0, 120.0), (220.0, 120.0)


def test_two_faces_are_two_tracks_over_the_whole_shot():
    spans, engine, _ = tracked([[HERE, THERE]] * 6)
    assert spans == [(0, 6), (0, 6)]
    assert engine.looks == [0]


def test_tracks_end_at_a_cut_and_new_ones_begin():
    assert tracked([[HERE]] * 6, cuts={4})[0] == [(0, 4), (4, 6)]


def test_a_lost_face_ends_its_track_and_is_looked_for_at_once():
    spans, engine, _ = tracked([[HERE]] * 3 + [[THERE]] * 3)
    assert spans == [(0, 3), (3, 6)]
    assert engine.looks == [0, 3]


def test_a_face_that_comes_in_is_found_at_the_next_look():
    assert tracked([[HERE]] * 5 + [[HERE, THERE]] * 7, detect_every=4)[0] == [(0, 12), (8, 12)]


def test_short_tracks_are_dropped():
    script = [[HERE]] + [[]] + [[THERE]] * 5
    assert tracked(script, detect_every=1, min_frames=3)[0] == [(2, 7)]


def test_two_tracks_of_one_face_become_one():
    script = [[HERE, (150.0, 120.0)], [HERE, (125.0, 120.0)], *[[HERE]] * 4]
    assert tracked(script)[0] == [(0, 6), (0, 3)]


def test_points_are_kept_and_smoothed():
    script = [[(100.0, 120.0)], [(104.0, 120.0)], [(100.0, 120.0)]]
    *_, tracker = tracked(script)
    (track,) = tracker.finish()
    xs = track.smoothed(0.125)[:, 0, 0] * 0.125 - SHAPE[KEPT[0], 0]
    assert np.allclose(xs, [101, 102, 101], atol=0.13)


def test_appearance_is_sampled_at_each_look():
    *_, tracker = tracked([[HERE]] * 9, detect_every=4)
    (track,) = tracker.finish()
    assert track.samples == 3
    assert track.looks.tolist() == [3, 3]


def test_a_jump_a_swelling_or_a_leap_out_of_the_frame_is_not_the_same_face():
    size = (240, 320)
    assert plausible(mesh(100), mesh(110), size)
    assert not plausible(mesh(100), mesh(140), size)
    assert not plausible(mesh(100), mesh(100, scale=1.5), size)
    assert not plausible(mesh(310), mesh(325), size)
