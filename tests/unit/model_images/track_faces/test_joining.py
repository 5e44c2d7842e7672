"""Chunks' tracks become whole ones: where they go on, where they end."""

import numpy as np

from model_images.common.landmarks import KEPT, pack
from model_images.track_faces.joining import join
from model_images.track_faces.tracks import RawTrack
from tests.unit.model_images.track_faces.scripted import mesh

ENDS = [10, 20, 30]


def track(first, end, x=100.0, *, samples=1):
    points = pack(mesh(x)[list(KEPT), :2], 0.125)
    looks = np.full(2, samples, np.float32)
    return RawTrack(first, np.repeat(points[None], end - first, axis=0), looks, samples)


def spans(*chunks):
    return [(t.first_frame, t.end_frame, t.samples) for t in join(chunks, ENDS)]


def test_a_face_goes_on_over_chunk_after_chunk():
    assert spans([track(0, 11)], [track(10, 21)], [track(20, 30)]) == [(0, 30, 3)]


def test_up_to_the_common_frame_points_are_the_first_ones_from_there_on_the_second_ones():
    (whole,) = join([[track(4, 14, 100)], [track(10, 21, 110)], [track(20, 30, 110)]], ENDS)
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


def test_two_that_became_one_have_one_heir():
    both = [track(0, 12, 100), track(3, 12, 108)]
    assert spans(both, [track(10, 20, 104)], []) == [(0, 20, 2), (3, 12, 1)]


def test_faces_beside_each_other_keep_apart():
    first = [track(0, 11, 100), track(0, 11, 200)]
    assert [t.points[0, 0, 0] == t.points[-1, 0, 0] for t in join(
        [first, [track(10, 20, 200), track(10, 20, 100)], []], ENDS
    )] == [True, True]  # fmt: skip


def test_tracks_within_chunks_stay_and_come_in_order():
    assert spans([track(5, 8, 200), track(0, 3)], [track(12, 15)], [track(20, 30)]) == [
        (0, 3, 1), (5, 8, 1), (12, 15, 1), (20, 30, 1)
    ]  # fmt: skip
    assert spans([], [], []) == []
