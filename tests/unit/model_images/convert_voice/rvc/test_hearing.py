import numpy as np
import pytest
import soxr

from model_images.common import espeak
from model_images.convert_voice.rvc.pitch import coarse, contour, harvest
from model_images.convert_voice.rvc.sound import HOP, hear


def _tone(hertz: float, seconds: float = 1.0) -> np.ndarray:
    return (0.5 * np.sin(2 * np.pi * hertz * np.arange(int(16_000 * seconds)) / 16_000)).astype(
        "f4"
    )


def _hear(sound: np.ndarray, first: int, end: int, extra: int = 0) -> np.ndarray:
    return hear(lambda start, stop: sound[start:stop], len(sound), first, end, extra)


def test_rumble_goes_and_speech_stays_where_it_was() -> None:
    assert np.abs(_hear(_tone(20, 2), 0, 200)[8000:-8000]).max() < 0.01
    tone = _tone(200)
    assert _hear(tone, 0, 100)[3200:12_800] == pytest.approx(tone[3200:12_800], abs=0.005)


@pytest.mark.parametrize("length", [1, 7, 900, 16_000])
@pytest.mark.parametrize(("first", "end", "extra"), [(-100, 110, 0), (-100, 0, 80), (0, 1, 80)])
def test_beyond_its_ends_a_sound_is_mirrored(length: int, first: int, end: int, extra: int) -> None:
    heard = _hear(_tone(200)[:length], first, end, extra)
    assert heard.shape == ((end - first) * HOP + extra,)
    assert np.isfinite(heard).all()


def test_mirrors_around_the_first_sample() -> None:
    heard = _hear(_tone(200), -50, 50)
    middle = 50 * HOP
    assert heard[middle - 4000 : middle] == pytest.approx(
        heard[middle + 1 : middle + 4001][::-1], abs=0.02
    )


def test_pitch_in_coarse_steps() -> None:
    f0 = np.array([0, 20, 50, 51.5, 440, 1100, 2000], dtype=np.float64)
    assert coarse(f0).tolist() == [1, 1, 1, 2, 122, 255, 255]
    assert (np.diff(coarse(np.linspace(50, 1100, 500))) >= 0).all()


def test_finds_the_pitch_of_a_voice_as_long_as_it_is() -> None:
    spoken = espeak.speak("Mamma mia, where are you going?", "gmw/en-US")
    sound = soxr.resample(spoken.samples / 65536, spoken.sample_rate_hz, 16_000).astype("f4")
    frames = -(-len(sound) // HOP)
    f0 = contour(lambda first, end: sound[first:end], len(sound), frames, harvest)
    assert f0.shape == (frames,)
    voiced = f0[f0 > 0]
    assert len(voiced) > frames / 3
    assert 70 < np.median(voiced) < 150


def test_silence_has_no_pitch() -> None:
    assert not harvest(np.zeros(16_000, np.float32)).any()
