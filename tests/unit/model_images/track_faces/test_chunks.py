"""What chunks saw, put together, is what one look over the whole would have seen."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model_images.track_faces.chunks import SeenChunk, Watcher
from model_images.track_faces.shots import ShotReader
from model_images.track_faces.stage import put_together
from model_images.track_faces.tracks import Tracker
from tests.unit.model_images.track_faces.scripted import (
    HERE,
    THERE,
    ScriptedFaces,
    pictures,
    place,
)

GRID, LOOK = 20, 6


class Scene:
    """A scripted video, and what is seen of it."""

    def __init__(self, script, blind=(), cuts=()):
        self.script, self.cuts = script, cuts
        self.engine = ScriptedFaces(script, frozenset(blind))
        self.decoded = []

    def watcher(self, grid=GRID):
        def read(first, end):
            for picture in pictures(len(self.script), self.cuts, first, end):
                self.decoded.append(picture.index)
                yield picture

        def tracker():
            looks = np.ones(2, np.float32)
            return Tracker(
                self.engine, quantum_px=0.125, detect_every=LOOK, sample=lambda *_: looks
            )

        return Watcher(ShotReader(read, len(self.script)), tracker, grid)

    def spans(self, grid):
        size = len(self.script)
        return [(first, min(first + grid, size)) for first in range(0, size, grid)]

    def seen(self, grid=GRID):
        watcher = self.watcher(grid)
        return put_together([watcher.watch(*span) for span in self.spans(grid)], 1)

    def whole(self):
        return self.seen(len(self.script))


def tracks(seen):
    return [(t.first_frame, t.end_frame) for t in seen.tracks]


def test_a_face_that_is_there_all_the_time_is_one_track():
    scene = Scene([[HERE, THERE]] * 70)
    assert tracks(scene.seen()) == [(0, 70), (0, 70)]


def test_nothing_is_decoded_twice():
    scene = Scene([[HERE]] * 70)
    scene.seen()
    assert scene.decoded == list(range(70))


def test_a_chunk_is_read_from_where_its_cuts_can_be_told_and_not_far_beyond_its_end():
    scene = Scene([[HERE]] * 70)
    chunk = scene.watcher().watch(40, 60)
    assert [(t.first_frame, t.end_frame) for t in chunk.tracks] == [(40, 67)]
    assert scene.decoded == list(range(36, 70))


@pytest.mark.parametrize("blind", [range(20, 21), range(18, 33), range(15, 60), range(1, 70)])
def test_a_face_that_nobody_finds_when_a_chunk_begins_is_not_lost(blind):
    assert tracks(Scene([[HERE]] * 70, blind).seen()) == [(0, 70)]


def test_a_face_that_goes_after_a_chunk_ended_ends_where_it_went():
    scene = Scene([[HERE]] * 24 + [[]] * 30 + [[HERE]] * 16, blind=range(18, 30))
    assert tracks(scene.seen()) == [(0, 24), (58, 70)]


@pytest.mark.parametrize("cut", [19, 20, 21, 26])
def test_cuts_round_a_chunks_edge_end_its_tracks(cut):
    scene = Scene([[HERE]] * 50, blind=range(20, 22), cuts=[cut])
    seen = scene.seen()
    assert seen.cuts == [cut]
    assert tracks(seen)[0] == (0, cut)
    assert sum(end - first for first, end in tracks(seen)) >= 50 - LOOK


def test_a_chunk_is_the_same_whichever_were_watched_before(tmp_path):
    scene = Scene(
        [[HERE]] * 25 + [[HERE, THERE]] * 25 + [[THERE]] * 20, blind=range(38, 47), cuts=[33, 62]
    )
    spans = scene.spans(GRID)
    one = scene.watcher()

    def written(chunk, name):
        chunk.write(tmp_path / name)
        return (tmp_path / name).read_bytes()

    first = [written(one.watch(*span), "a") for span in spans]
    assert [written(one.watch(*span), "b") for span in reversed(spans)] == first[::-1]
    assert [written(scene.watcher().watch(*span), "c") for span in spans] == first


def test_a_chunk_is_read_as_it_was_written(tmp_path):
    chunk = Scene([[HERE]] * 25 + [[HERE, THERE]] * 25, cuts=[30]).watcher().watch(20, 40)
    chunk.write(tmp_path / "chunk.npz")
    again = SeenChunk.read(tmp_path / "chunk.npz")
    assert (again.first, again.end, again.cuts.tolist()) == (20, 40, [30])
    assert again.ticks.tolist() == [1920 * frame for frame in range(20, 40)]
    for found, wanted in zip(again.tracks, chunk.tracks, strict=True):
        assert (found.first_frame, found.samples) == (wanted.first_frame, wanted.samples)
        assert (found.points == wanted.points).all()
        assert (found.looks == wanted.looks).all()


def test_a_chunk_without_a_face_is_read_as_it_was_written(tmp_path):
    Scene([[]] * 50).watcher().watch(20, 40).write(tmp_path / "chunk.npz")
    assert list(SeenChunk.read(tmp_path / "chunk.npz").tracks) == []


_SPELLS = st.lists(st.tuples(st.booleans(), st.integers(3, 30)), min_size=1, max_size=8)


def _times(spells, size):
    on = [there for there, length in spells for _ in range(length)]
    return (on + [on[-1]] * size)[:size]


@settings(deadline=None, max_examples=25)
@given(
    left=_SPELLS,
    right=_SPELLS,
    blind=st.sets(st.integers(0, 79)),
    cuts=st.lists(st.integers(8, 72), max_size=2, unique_by=lambda cut: cut // 8),
)
def test_no_face_is_lost_at_an_edge_and_none_is_seen_twice(left, right, blind, cuts):
    size = 80
    times = list(zip(_times(left, size), _times(right, size), strict=True))
    script = [[p for p, there in zip((HERE, THERE), now, strict=True) if there] for now in times]
    scene = Scene(script, blind, sorted(cuts))
    seen, whole = scene.seen(), scene.whole()
    assert seen.cuts == whole.cuts
    followed = set()
    for track in seen.tracks:
        x = place(track.points[0] * 0.125)
        column = int(abs(x - THERE[0]) < abs(x - HERE[0]))
        frames = range(track.first_frame, track.end_frame)
        assert all(times[frame][column] for frame in frames)
        end = track.end_frame
        assert end == size or not times[end][column] or end in seen.cuts
        assert followed.isdisjoint((frame, column) for frame in frames)
        followed |= {(frame, column) for frame in frames}
    if not blind:
        frames = sum(len(track.points) for track in whole.tracks)
        # each of few faces, or their ends, is found by a look that comes at another time
        assert abs(len(followed) - frames) <= LOOK * len(whole.tracks) + LOOK
