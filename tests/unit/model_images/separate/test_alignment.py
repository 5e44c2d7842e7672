import numpy as np
import pytest

from airdub.units import CLOCK_HZ
from model_images.separate.alignment import Alignment, align


def noise(length: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 0.1, (length, 1)).astype(np.float32)


@pytest.mark.parametrize("delay", [-20_000, -7, 0, 1, 24_000])
def test_delays_up_to_half_a_second(delay: int) -> None:
    sound = noise(CLOCK_HZ * 12)
    found = align([sound], [np.roll(sound, delay, axis=0)])
    assert found.delay == delay
    assert found.correlation is not None
    assert found.correlation > 0.9


def test_blocks_do_not_matter() -> None:
    sound = noise(CLOCK_HZ * 3)
    pieces = [sound[at : at + 5000] for at in range(0, len(sound), 5000)]
    assert align(pieces, [sound]) == align([sound], pieces)


def test_ignored_spans_do_not_count() -> None:
    one, other = noise(CLOCK_HZ * 4), noise(CLOCK_HZ * 4, 1)
    half = CLOCK_HZ * 2
    mixed = np.concatenate((one[:half], other[half:]))
    full, partial = align([one], [mixed]), align([one], [mixed], ((half, 2 * half),))
    assert full.correlation == pytest.approx(0.5, abs=0.02)
    assert partial.correlation == pytest.approx(1.0, abs=1e-3)


def test_silence_has_no_delay() -> None:
    assert align([noise(100)], [np.zeros((100, 1), np.float32)]) == Alignment(0, None)
    assert align([], []) == Alignment(0, None)
