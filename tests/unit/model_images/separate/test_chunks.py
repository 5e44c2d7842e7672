import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_images.separate.chunks import Chunk, cross_faded, plan_chunks


def test_a_short_title_is_one_chunk() -> None:
    assert plan_chunks(70, 100, 10) == [Chunk(0, 70, 0)]
    assert plan_chunks(100, 100, 10) == [Chunk(0, 100, 0)]


def test_the_last_chunk_is_as_long_as_the_others() -> None:
    assert plan_chunks(250, 100, 10) == [
        Chunk(0, 100, 0),
        Chunk(90, 190, 10),
        Chunk(150, 250, 40),
    ]


def test_an_overlap_longer_than_half_a_chunk_is_refused() -> None:
    with pytest.raises(ValueError, match="overlap"):
        plan_chunks(1000, 100, 51)


@given(st.integers(1, 3000), st.integers(20, 400), st.integers(1, 10))
def test_what_every_chunk_agrees_on_comes_back_exactly(
    length: int, chunk: int, overlap: int
) -> None:
    signal = np.random.default_rng(length).integers(-8, 8, (length, 2)).astype(np.float32)
    chunks = plan_chunks(length, chunk, overlap)
    blocks = list(cross_faded(chunks, lambda c: signal[c.start : c.end].copy()))
    joined = np.concatenate(blocks)
    assert joined.shape == signal.shape
    assert np.abs(joined - signal).max() < 1e-5
    assert all(0 <= c.start < c.end <= length and c.end - c.start <= chunk for c in chunks)


def test_chunks_that_differ_fade_into_each_other() -> None:
    chunks = plan_chunks(190, 100, 10)
    made = iter([np.zeros((100, 1), np.float32), np.ones((100, 1), np.float32)])
    joined = np.concatenate(list(cross_faded(chunks, lambda _: next(made))))[:, 0]
    assert joined[:90].max() == 0
    assert joined[100:].min() == 1
    assert np.allclose(np.diff(joined[90:100]), 0.1)
