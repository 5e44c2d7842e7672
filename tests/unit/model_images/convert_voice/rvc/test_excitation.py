import numpy as np
import pytest

from model_images.convert_voice.rvc.noise import PlacedNoise
from model_images.convert_voice.rvc.source import excitation, phases

RATE_HZ, FRAME_SAMPLES = 40_000, 400


def test_noise_depends_on_its_place_alone() -> None:
    noise = PlacedNoise(7, 0, 5)
    whole = noise.read(-101, 700)
    assert whole.shape == (801, 5)
    assert whole.dtype == np.float32
    for first, end in [(-101, -100), (-3, 130), (0, 128), (127, 129), (500, 700)]:
        assert np.array_equal(noise.read(first, end), whole[first + 101 : end + 101])
    assert whole.mean() == pytest.approx(0, abs=0.05)
    assert whole.std() == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("other", [PlacedNoise(8, 0, 5), PlacedNoise(7, 1, 5)])
def test_noise_of_another_seed_or_use_is_another(other: PlacedNoise) -> None:
    assert not np.array_equal(other.read(0, 9), PlacedNoise(7, 0, 5).read(0, 9))


def test_noise_before_the_sound_is_not_that_after_its_beginning() -> None:
    noise = PlacedNoise(7, 0, 1).read(-256, 256)
    assert abs(np.corrcoef(noise[:256, 0], noise[256:, 0])[0, 1]) < 0.2


def _sine(f0: np.ndarray, first: int = 0) -> np.ndarray:
    began = phases(f0, RATE_HZ, FRAME_SAMPLES)
    quiet = np.zeros((len(f0) - first, FRAME_SAMPLES), np.float32)
    return excitation(f0[first:], began[first:], quiet, RATE_HZ)


def test_the_excitation_is_a_sine_at_the_pitch() -> None:
    sine = _sine(np.full(100, 220.0))
    spectrum = np.abs(np.fft.rfft(sine))
    assert int(np.argmax(spectrum)) == 220
    assert np.abs(sine).max() == pytest.approx(0.1, abs=1e-4)


def test_its_phase_goes_on_while_the_pitch_moves_wherever_one_begins() -> None:
    f0 = np.linspace(100, 300, 60)
    whole = _sine(f0)
    assert np.abs(np.diff(whole)).max() < 0.1 * 2 * np.pi * 310 / RATE_HZ
    assert _sine(f0, 37) == pytest.approx(whole[37 * FRAME_SAMPLES :], abs=1e-6)


def test_unvoiced_frames_have_louder_noise_and_no_sine() -> None:
    f0 = np.array([0.0, 200.0])
    noise = np.random.default_rng(1).standard_normal((2, FRAME_SAMPLES)).astype(np.float32)
    made = excitation(f0, phases(f0, RATE_HZ, FRAME_SAMPLES), noise, RATE_HZ)
    assert made[:400] == pytest.approx(noise[0] * 0.1 / 3, abs=1e-6)
    assert made[400:] - _sine(f0)[400:] == pytest.approx(noise[1] * 0.003, abs=1e-6)
