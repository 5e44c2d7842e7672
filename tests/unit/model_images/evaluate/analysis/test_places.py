"""Instants of a placed line: their samples of the take, and who else sounds meanwhile."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from airdub.timing.plan import Pause, Placement
from model_images.evaluate.analysis.places import outside, positions_in_take, undisturbed

SPANS = st.lists(
    st.tuples(st.integers(0, 40), st.integers(1, 15)).map(lambda it: (it[0], it[0] + it[1])),
    max_size=5,
)


def placement(take: int, stretched: int, *pauses: tuple[int, int]) -> Placement:
    return Placement(
        segment_id="s0001",
        speaker="speaker_1",
        start=1000,
        take_length=take,
        natural_length=take,
        stretched_length=stretched,
        source_start=1000,
        source_end=2000,
        pauses=tuple(Pause(at=at, length=length) for at, length in pauses),
    )


def test_positions_follow_the_stretch_and_wait_in_pauses():
    line = placement(200, 100, (50, 30))
    found = positions_in_take(line, np.array([-1, 0, 49, 50, 79, 80, 129, 130]))
    wanted = [np.nan, 0, 98, np.nan, np.nan, 100, 198, np.nan]
    np.testing.assert_allclose(found, wanted)


@given(st.integers(1, 300), st.integers(2, 300), st.integers(0, 60), st.data())
def test_positions_undo_the_plans_own_times(take, stretched, pause, data):
    line = placement(take, stretched, (data.draw(st.integers(1, stretched)), pause))
    position = data.draw(st.integers(0, take - 1))
    instant = line.tick_of(position) - line.start
    (found,) = positions_in_take(line, np.array([instant]))
    coarsest = max(1.0, take / stretched)
    assert np.isnan(found) or abs(found - position) <= coarsest


@given(st.integers(0, 30), st.integers(1, 30), SPANS)
def test_undisturbed_parts_are_what_no_other_span_covers(start, length, others):
    free = undisturbed((start, start + length), others)
    instants = np.arange(start, start + length)
    covered = outside(instants, others)
    assert [tick for first, last in free for tick in range(first, last)] == [*instants[covered]]
    assert all(first < last for first, last in free)
    assert all(one[1] < other[0] for one, other in pairwise(free))
