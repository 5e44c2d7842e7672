"""Segments cover a sound, and join to it."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from model_images.separate.demucs.segments import joined, mean_of, plan_segments

SIZE = 40


def heard(sound: np.ndarray, start: int, end: int) -> np.ndarray:
    """A span of a sound with silence around it."""
    padded = np.pad(sound, ((max(0, -start), max(0, end - len(sound))), (0, 0)))
    return padded[max(0, start) :][: end - start]


@given(st.integers(1, 400), st.integers(0, 50))
def test_segments_of_what_is_not_changed_join_to_the_whole(length: int, lead: int) -> None:
    sound = np.random.default_rng(length).standard_normal((length, 2)).astype(np.float32)
    segments = plan_segments(length, SIZE, lead)
    assert segments[0].start == -lead
    assert segments[-1].start + segments[-1].length == length
    made = (one.cut(heard(sound, *one.given(SIZE))) for one in segments)
    whole = np.concatenate(list(joined(segments, made, SIZE)))
    assert np.abs(whole - sound).max() < 1e-5


def test_where_segments_overlap_the_nearer_middle_counts_more() -> None:
    segments = plan_segments(70, SIZE)
    made = (np.full((one.length, 1), number, np.float32) for number, one in enumerate(segments))
    whole = np.concatenate(list(joined(segments, made, SIZE)))[:, 0]
    shared = whole[30:40]
    assert np.all(whole[:30] == 0)
    assert np.all(np.diff(shared) > 0)
    assert 0 < shared[0] < 0.15
    assert 0.85 < shared[-1] < 1


def test_the_model_is_given_a_short_segment_in_the_middle_of_its_surroundings() -> None:
    last = plan_segments(70, SIZE)[-1]
    assert (last.start, last.length) == (60, 10)
    assert last.given(SIZE) == (45, 85)
    assert np.array_equal(last.cut(np.arange(40)[:, None])[:, 0], np.arange(15, 25))


@given(st.lists(st.integers(0, 30), max_size=12), st.integers(1, 20))
def test_a_mean_is_given_in_even_blocks(cuts: list[int], block: int) -> None:
    sound = np.arange(sum(cuts), dtype=np.float32)[:, None]
    parts = np.split(sound, np.cumsum(cuts)[:-1]) if cuts else []
    means = list(mean_of([iter(parts), iter([sound + 2])], block))
    assert [len(one) for one in means[:-1]] == [block] * (len(means) - 1)
    assert np.array_equal(np.concatenate([np.zeros((0, 1)), *means]), sound + 1)
