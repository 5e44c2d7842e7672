"""Tracks begin, go on and end with the faces that an engine reports."""

import numpy as np

from model_images.common.landmarks import KEPT
from model_images.track_faces.tracks import SETTLED_FRAMES, Tracker, plausible
from tests.unit.model_images.track_faces.scripted import (
    HERE,
    THERE,
    ScriptedFaces,
    frame,
    mesh,
)


def tracker_of(engine, *, detect_every=100):
    return Tracker(
        engine,
        quantum_px=0.125,
        detect_every=detect_every,
        sample=lambda frame, mesh: np.ones(2, np.float32),
    )


def tracked(script, *, cuts=(), detect_every=100):
    engine = ScriptedFaces(script)
    tracker = tracker_of(engine, detect_every=detect_every)
    for index in range(len(script)):
        tracker.step(index, frame(index), cut=index in cuts)
    tracks = tracker.finish()
    return [(t.first_frame, t.end_frame) for t in tracks], engine, tracks


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


def test_two_tracks_of_one_face_become_one():
    script = [[HERE, (150.0, 120.0)], [HERE, (125.0, 120.0)], *[[HERE]] * 4]
    assert tracked(script)[0] == [(0, 6), (0, 3)]


def test_a_lost_face_doesnt_take_the_one_in_its_place_with_it():
    engine = ScriptedFaces([[HERE, (125.0, 120.0)]] * 3)
    engine.follow = lambda pixels, last: None if last[:, 0].mean() < 105 else mesh(110)
    tracker = tracker_of(engine)
    for index in range(3):
        tracker.step(index, frame(index), cut=False)
    assert (0, 3) in [(t.first_frame, t.end_frame) for t in tracker.finish()]


def test_beyond_the_end_faces_are_followed_and_none_is_looked_for():
    engine = ScriptedFaces([[HERE]] * 2 + [[HERE, THERE]] * 4 + [[THERE]])
    tracker = tracker_of(engine, detect_every=2)
    tracker.step(0, frame(0), cut=False)
    assert [tracker.run_over(frame(index), cut=False) for index in range(1, 7)] == [False] * 5 + [
        True
    ]
    assert not tracker.follows
    assert [(t.first_frame, t.end_frame) for t in tracker.finish()] == [(0, 6)]
    assert engine.looks == [0]


def test_beyond_the_end_a_cut_ends_all():
    tracker = tracker_of(ScriptedFaces([[HERE, THERE]] * 2))
    tracker.step(0, frame(0), cut=False)
    tracker.run_over(frame(1), cut=True)
    assert [(t.first_frame, t.end_frame) for t in tracker.finish()] == [(0, 1), (0, 1)]


def test_faces_are_handed_over_when_the_other_tracker_has_followed_them_for_a_while():
    engine = ScriptedFaces([[HERE, THERE], *[[HERE]] * 3, *[[HERE, THERE]] * 11])
    engine.follow = lambda pixels, last: last
    one, other = tracker_of(engine), tracker_of(engine, detect_every=1)
    one.step(0, frame(0), cut=False)
    for index in range(1, 15):
        one.run_over(frame(index), cut=False)
        other.step(index, frame(index), cut=False)
        one.hand_over(other)
    assert [(t.first_frame, t.end_frame) for t in one.finish()] == [
        (0, 1 + SETTLED_FRAMES + 1), (0, 4 + SETTLED_FRAMES + 1)
    ]  # fmt: skip
    assert [(t.first_frame, t.end_frame) for t in other.finish()] == [(1, 15), (4, 15)]


def test_points_are_kept_and_smoothed():
    script = [[(100.0, 120.0)], [(104.0, 120.0)], [(100.0, 120.0)]]
    *_, (track,) = tracked(script)
    xs = track.smoothed(0.125)[:, 0, 0] * 0.125 - mesh(0)[KEPT[0], 0]
    assert np.allclose(xs, [101, 102, 101], atol=0.13)


def test_appearance_is_sampled_at_each_look():
    *_, (track,) = tracked([[HERE]] * 9, detect_every=4)
    assert track.samples == 3
    assert track.looks.tolist() == [3, 3]


def test_a_jump_a_swelling_or_a_leap_out_of_the_frame_is_not_the_same_face():
    size = (240, 320)
    assert plausible(mesh(100), mesh(110), size)
    assert not plausible(mesh(100), mesh(140), size)
    assert not plausible(mesh(100), mesh(100, scale=1.5), size)
    assert not plausible(mesh(310), mesh(325), size)
