"""Packets of chunks become one stream whose times are exact."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from airdub.errors import EngineFailed
from model_images.common.pictures import read_pictures
from model_images.lipsync.encode import ChunkWriter, ColourTags
from model_images.lipsync.stitch import Part, decoding_times, delay_of, ranks, stitch
from tests.unit.model_images.lipsync.drawn import FRAME, SCALE, Title


@st.composite
def reordered(draw):
    """Gaps between frames, and groups of pictures whose last is decoded first."""
    groups = draw(st.lists(st.integers(1, 4), min_size=1, max_size=12))
    gaps = draw(st.lists(st.integers(1, 900), min_size=sum(groups), max_size=sum(groups)))
    order, first = [], 0
    for size in groups:
        order += [first + size - 1, *range(first, first + size - 1)]
        first += size
    return np.cumsum([draw(st.integers(-5, 5)), *gaps]), np.array(order)


@given(reordered())
def test_decoding_times_rise_and_none_is_late(case):
    edges, order = case
    delay = delay_of(edges[order])
    decoded = decoding_times(edges, delay)
    assert (ranks(edges[order]) == order).all()
    assert len(decoded) == len(order)
    assert (np.diff(decoded) > 0).all()
    assert (decoded <= edges[order]).all()
    assert decoded[-1] - decoded[0] == edges[-2] - edges[0]


@pytest.fixture(scope="module")
def title(tmp_path_factory):
    return Title(tmp_path_factory.mktemp("short"), ((0, 20),))


def part(title, path, span, tags=None):
    """A part that holds a span of the title's pictures."""
    facts = title.facts.video
    pictures = list(read_pictures(title.clip, facts))
    with ChunkWriter(path, facts, tags or ColourTags.of(pictures[0])) as writer:
        for picture in pictures[slice(*span)]:
            writer.write(picture, picture.planes)
    return Part(path, span)


def joined(title, folder, *parts):
    edges = np.arange(21, dtype=np.int64) * FRAME
    stitch(parts, folder / "whole.mp4", edges, scale=SCALE, delay=2)


def test_a_chunk_with_other_frames_is_refused(title, tmp_path):
    first = part(title, tmp_path / "a.mp4", (0, 10))
    short = Part(part(title, tmp_path / "b.mp4", (10, 19)).path, (10, 20))
    with pytest.raises(EngineFailed, match=r"frames 10 to 19: .* it holds 9 frames"):
        joined(title, tmp_path, first, short)


def test_a_chunk_that_was_encoded_in_another_way_is_refused(title, tmp_path):
    first = part(title, tmp_path / "a.mp4", (0, 10))
    other = part(title, tmp_path / "b.mp4", (10, 20), ColourTags(2, 1, 1, 1))
    with pytest.raises(EngineFailed, match=r"frames 10 to 19: .* another way than the first"):
        joined(title, tmp_path, first, other)
