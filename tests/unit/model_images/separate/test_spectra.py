import numpy as np
import pytest

from model_images.separate.spectra import BINS, HOP, WINDOW, analyse, synthesise, touched_frames


@pytest.mark.parametrize("length", [1, 100, WINDOW, 48_000, 48_001])
def test_a_signal_comes_back(length: int) -> None:
    signal = np.random.default_rng(0).standard_normal(length).astype(np.float32)
    spectrum = analyse(signal)
    assert spectrum.shape[1] == BINS
    assert spectrum.dtype == np.complex64
    assert np.abs(synthesise(spectrum, length) - signal).max() < 1e-5


def test_touched_frames_are_those_that_speech_changes() -> None:
    length, span = 60_000, (20_000, 30_000)
    quiet = np.zeros(length, np.float32)
    loud = quiet.copy()
    loud[slice(*span)] = 1
    changed = abs(analyse(loud) - analyse(quiet)).max(axis=1) > 1e-6
    assert np.array_equal(touched_frames((span,), len(changed)), changed)


def test_frames_beyond_the_signal_are_not_touched() -> None:
    frames = len(analyse(np.zeros(10 * HOP, np.float32)))
    assert not touched_frames((), frames).any()
    assert touched_frames(((0, 10 * HOP),), frames).all()
