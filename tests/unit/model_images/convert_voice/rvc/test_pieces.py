from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from model_images.convert_voice.rvc.pieces import CONTEXT, FADE, LONGEST, Piece, faded, pieces

FRAME_SAMPLES = 4


@given(frames=st.integers(1, 50_000), longest=st.integers(100, LONGEST))
def test_pieces_cover_a_sound_and_share_what_fades(frames: int, longest: int) -> None:
    planned = pieces(frames, longest)
    assert planned[0].first == 0
    assert planned[-1].end == frames
    for piece, following in pairwise(planned):
        assert piece.end - following.first == FADE
    for piece in planned:
        assert 0 < piece.end - piece.first <= longest + FADE + 2
        first, end = piece.made
        assert (first % 2, end % 2) == (0, 0), "ContentVec has one vector for two frames"
        assert first == piece.first - CONTEXT
        assert 0 <= end - piece.end - CONTEXT <= 1
    assert [piece.is_first for piece in planned] == [True, *[False] * (len(planned) - 1)]
    assert [piece.is_last for piece in planned] == [*[False] * (len(planned) - 1), True]


@given(frames=st.integers(1, 900))
def test_pieces_of_one_sound_make_that_sound(frames: int) -> None:
    sound = np.random.default_rng(frames).random(frames * FRAME_SAMPLES).astype(np.float32)
    made = [
        (piece, sound[piece.first * FRAME_SAMPLES : piece.end * FRAME_SAMPLES].copy())
        for piece in pieces(frames, 100)
    ]
    joined = np.concatenate([*faded(made, FRAME_SAMPLES)])
    assert joined.shape == sound.shape
    assert np.allclose(joined, sound, atol=1e-6)


def test_one_piece_goes_evenly_over_into_the_next() -> None:
    ones, zeros = Piece(0, 30, True, False), Piece(20, 50, False, True)
    made = [(ones, np.ones(120, np.float32)), (zeros, np.zeros(120, np.float32))]
    joined = np.concatenate([*faded(made, FRAME_SAMPLES)])
    assert joined[:80].tolist() == [1.0] * 80
    assert joined[120:].tolist() == [0.0] * 80
    assert np.all(np.diff(joined[80:120]) < 0)
    assert np.allclose(joined[80:120] + joined[80:120][::-1], 1)
