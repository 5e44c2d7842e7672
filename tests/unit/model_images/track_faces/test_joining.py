"""Chunks' tracks become whole ones: where they go on, where they end."""

import numpy as np

from model_images.common.landmarks import KEPT, pack
from model_images.track_faces.joining import join
from model_images.track_faces.tracks import RawTrack
from tests.unit.model_images.track_faces.scripted import mesh


def track(first, end, x=100.0, to=None):
    """A face that moves from `x` to another place, seen once (chunks begin at 0, 10 and 20)."""
    places = np.linspace(x, x if to is None else to, end - first)
    points = [pack(mesh(place)[list(KEPT), :2], 0.125) for place in places]
    return RawTrack(first, np.stack(points), np.ones(2, np.float32), 1)


def spans(*chunks):
    return [(t.first_frame, t.end_frame, t.samples) for t in join(chunks)]


def test_a_face_goes_on_over_chunk_after_chunk():
    assert spans([track(0, 11)], [track(10, 21)], [track(20, 30)]) == [(0, 30, 3)]


def test_up_to_the_common_frame_points_are_the_first_ones_from_there_on_the_second_ones():
    (whole,) = join([[track(4, 14, 100)], [track(10, 21, 110)], [track(20, 30, 110)]])
    moved = whole.points[:, 0, 0] - whole.points[0, 0, 0]
    assert moved.tolist() == [0] * 9 + [80] * 17  # 4 .. 12 and 13 .. 29; 80 quanta are 10 pixels
    assert whole.looks.tolist() == [3, 3]


def test_a_face_that_is_found_late_goes_on_too():
    assert spans([track(0, 17)], [track(16, 20)], []) == [(0, 20, 2)]


def test_a_face_that_no_other_chunk_finds_ends_where_it_was_lost():
    assert spans([track(0, 14)], [track(12, 20, 300)], []) == [(0, 14, 1), (12, 20, 1)]
    assert spans([track(0, 14)], [track(15, 20)], []) == [(0, 14, 1), (15, 20, 1)]


def test_a_face_may_pass_a_whole_chunk_that_never_finds_it():
    assert spans([track(0, 24)], [], [track(23, 30)]) == [(0, 30, 2)]
    assert spans([track(0, 30)], [], []) == [(0, 30, 1)]


def test_a_face_that_is_found_too_late_to_settle_before_the_next_chunk_begins():
    assert spans([track(0, 27)], [track(18, 27)], [track(20, 30)]) == [(0, 30, 3)]


def test_a_face_that_the_first_one_lost_goes_on():
    assert spans([track(0, 13)], [track(11, 27)], [track(20, 30)]) == [(0, 30, 3)]


def test_two_that_became_one_have_one_heir():
    both = [track(0, 12, 100), track(3, 12, 190, 108)]
    assert spans(both, [track(10, 20, 101)], []) == [(0, 20, 2), (3, 12, 1)]


def test_one_that_goes_to_another_face_is_not_the_first_one():
    assert spans([track(0, 17, 100, 108)], [track(10, 20, 100, 240)], []) == [
        (0, 17, 1), (10, 20, 1)
    ]  # fmt: skip


def test_what_was_found_and_lost_while_the_first_one_went_on_is_dropped():
    assert spans([track(0, 19)], [track(10, 13), track(13, 20)], []) == [(0, 20, 2)]
    assert spans([track(0, 15)], [track(11, 15)], []) == [(0, 15, 2)]


def test_faces_beside_each_other_keep_apart():
    first = [track(0, 17, 100), track(0, 17, 200)]
    found = join([first, [track(10, 20, 200), track(10, 20, 100)], []])
    assert [one.samples for one in found] == [2, 2]
    assert all((one.points == one.points[0]).all() for one in found)


def test_of_two_that_fit_the_better_one_goes_on():
    """Faces that lie over each other, the right one nearly in the middle of what it hides."""
    first = [track(0, 17, 115), track(3, 17, 100)]
    found = join([first, [track(10, 20, 116), track(10, 20, 101)], []])
    assert [(one.first_frame, one.samples) for one in found] == [(0, 2), (3, 2)]
    steps = [np.abs(np.diff(one.points[:, 0, 0].astype(int))).max() for one in found]
    assert max(steps) <= 8  # a pixel


def test_two_that_begin_on_one_face_are_not_both_its_heir():
    first, (near, far) = track(0, 17, 100), (track(10, 20, 102), track(10, 20, 92))
    found = join([[first], [far, near], []])
    assert [(one.first_frame, one.end_frame) for one in found] == [(0, 20), (10, 20)]
    assert (found[0].points[-1] == near.points[-1]).all()


def test_a_long_face_is_put_together_once(monkeypatch):
    copied = []
    concatenate = np.concatenate
    monkeypatch.setattr(
        np, "concatenate", lambda parts: copied.append(sum(map(len, parts))) or concatenate(parts)
    )
    (whole,) = join([[track(n, n + 11)] for n in range(0, 300, 10)])
    assert (whole.end_frame, whole.samples, sum(copied)) == (301, 30, 301)


def test_tracks_within_chunks_stay_and_come_in_order():
    assert spans([track(5, 8, 200), track(0, 3)], [track(12, 15)], [track(20, 30)]) == [
        (0, 3, 1), (5, 8, 1), (12, 15, 1), (20, 30, 1)
    ]  # fmt: skip
    assert spans([], [], []) == []
