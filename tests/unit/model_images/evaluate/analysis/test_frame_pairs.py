"""Frames meet by time, at any rate; what isn't there is told."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_images.common.pictures import Layout, Picture
from model_images.evaluate.analysis.frame_pairs import pair_up, same_pixels
from tests.media.clips import CLIPS
from tests.talking_clips import probed

LAYOUT = Layout(16, 16, "yuv420p")


def pictures(ticks):
    return [Picture(i, tick, tick, False, LAYOUT, None) for i, tick in enumerate(ticks)]  # type: ignore[arg-type]


def shown(source, deliverable):
    """Numbers of the deliverable's frames by the source's; None where there is none."""
    pairs = pair_up(pictures(source), pictures(deliverable))
    return [pair.shown and pair.shown.index for pair in pairs]


def test_equal_times_meet():
    assert shown([0, 1920, 3840], [0, 1920, 3840]) == [0, 1, 2]


def test_milliseconds_of_a_matroska_file_are_no_difference():
    ticks = [round(i * 48_000 * 1001 / 30_000) for i in range(100)]
    rounded = [round(tick / 48) * 48 for tick in ticks]
    assert shown(ticks, rounded) == list(range(100))


def test_a_frame_too_many_takes_nobodys_place():
    assert shown([0, 2000, 4000], [0, 900, 2000, 4000]) == [0, 2, 3]


def test_half_the_rate_lacks_every_second_frame():
    assert shown(range(0, 16_000, 2000), range(0, 16_000, 4000)) == [
        0, None, 1, None, 2, None, 3, None,
    ]  # fmt: skip


@given(
    gaps=st.lists(st.integers(400, 9600), min_size=1, max_size=40),
    drops=st.sets(st.integers(1, 40)),
    wobble=st.integers(-150, 150),
)
def test_dropped_frames_are_exactly_those_missing(gaps, drops, wobble):
    ticks = [0, *np.cumsum(gaps).tolist()]
    kept = [i for i in range(len(ticks)) if i not in drops]
    moved = [ticks[i] + (wobble if i else 0) for i in kept]
    found = shown(ticks, moved)
    assert [i for i, one in enumerate(found) if one is None] == sorted(
        drops & set(range(len(ticks)))
    )


@pytest.mark.parametrize("name", ["plain", "hevc_10_bit", "variable_rate", "odd_size"])
def test_a_film_is_its_own_equal_bit_for_bit(name, tmp_path):
    from model_images.common.pictures import read_pictures

    clip = CLIPS[name](tmp_path / f"{name}.mp4")
    video = probed(clip, tmp_path / "probe").video
    pairs = list(pair_up(read_pictures(clip, video), read_pictures(clip, video)))
    assert all(pair.shown and same_pixels(pair.source, pair.shown) for pair in pairs)
    assert not same_pixels(pairs[0].source, pairs[-1].source)
