"""Which channels carry the voice."""

from __future__ import annotations

import pytest

from model_images.mix.layouts import layout_of


@pytest.mark.parametrize(
    ("name", "channels", "voice", "front"),
    [
        ("mono", 1, (0,), (0,)),
        ("stereo", 2, (0, 1), (0, 1)),
        ("2.1", 3, (0, 1), (0, 1)),
        ("3.0", 3, (2,), (0, 1, 2)),
        ("quad", 4, (0, 1), (0, 1)),
        ("5.1(side)", 6, (2,), (0, 1, 2)),
        ("7.1", 8, (2,), (0, 1, 2)),
        ("unheard of", 6, (2,), (0, 1, 2)),
        ("", 10, (0, 1), (0, 1)),
        ("", 1, (0,), (0,)),
    ],
)
def test_voice_channels(
    name: str, channels: int, voice: tuple[int, ...], front: tuple[int, ...]
) -> None:
    layout = layout_of(name, channels)
    assert len(layout.names) == channels
    assert layout.voice == voice
    assert layout.front == front


def test_the_lfe_counts_nothing_and_surrounds_more() -> None:
    assert layout_of("5.1", 6).weights == (1, 1, 1, 0, 1.41, 1.41)
