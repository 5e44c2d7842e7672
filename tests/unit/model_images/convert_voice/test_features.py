import os
import subprocess
import sys
from pathlib import Path

import librosa
import numpy as np
import pytest
from scipy.signal import lfilter

from model_images.common.pitch import PitchStatistics
from model_images.convert_voice.features import average, features, mfcc_means, pitch_features


def _vowel(formants_hz: tuple[float, ...], rate_hz: int = 16_000) -> np.ndarray:
    """A 110 Hz pulse train through resonators 60 Hz wide: a vowel of known formants."""
    samples = np.zeros(rate_hz)
    samples[:: rate_hz // 110] = 1.0
    for formant in formants_hz:
        radius = np.exp(-np.pi * 60 / rate_hz)
        turn = 2 * np.cos(2 * np.pi * formant / rate_hz)
        samples = lfilter([1.0], [1.0, -radius * turn, radius**2], samples)
    return 0.3 * samples / np.abs(samples).max()


@pytest.mark.parametrize(
    "formants_hz", [(700.0, 1200.0, 2600.0), (300.0, 2200.0, 2900.0), (500.0, 1500.0, 2500.0)]
)
def test_finds_the_formants_of_a_vowel(formants_hz: tuple[float, ...]) -> None:
    assert features(_vowel(formants_hz), 16_000)["formants_hz"] == pytest.approx(
        formants_hz, rel=0.08, abs=60
    )


def test_formants_do_not_depend_on_the_sample_rate() -> None:
    vowel = _vowel((700.0, 1200.0, 2600.0), 48_000)
    assert features(vowel, 48_000)["formants_hz"] == pytest.approx((700, 1200, 2600), rel=0.08)


@pytest.mark.parametrize(("tone_hz", "band"), [(60, 0), (180, 1), (350, 2), (3000, 5), (6000, 6)])
def test_energy_of_a_tone_lies_in_its_octave(tone_hz: int, band: int) -> None:
    tone = np.sin(2 * np.pi * tone_hz * np.arange(16_000) / 16_000)
    shares = features(tone, 16_000)["wavelet_energy"]
    assert len(shares) == 7
    assert sum(shares) == pytest.approx(1, abs=0.001)
    assert int(np.argmax(shares)) == band


def test_cepstra_follow_loudness_and_colour() -> None:
    vowel = _vowel((500.0, 1500.0, 2500.0))
    plain, quiet = (features(x, 16_000)["mfcc"] for x in (vowel, vowel * 0.1))
    assert len(plain) == 13
    assert plain[0] - quiet[0] == pytest.approx(20 * np.sqrt(40), rel=0.1)
    assert plain[1:] == pytest.approx(quiet[1:], abs=3)


def test_cepstra_are_those_of_librosa() -> None:
    vowel = _vowel((500.0, 1500.0, 2500.0)) * np.linspace(0, 1, 16_000)
    theirs = librosa.feature.mfcc(
        y=vowel, sr=16_000, n_mfcc=13, n_mels=40, n_fft=512, hop_length=160
    )
    assert mfcc_means(vowel) == pytest.approx(theirs.mean(axis=1), abs=0.0051)


def test_cepstra_need_nothing_compiled(tmp_path: Path) -> None:
    code = """
import numpy
from model_images.convert_voice.features import features
assert features(numpy.random.default_rng(1).normal(0, 0.1, 16_000), 16_000)["mfcc"]
"""
    cache = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    subprocess.run([sys.executable, "-c", code], check=True, env=cache)
    assert list(tmp_path.rglob("*.nbc")) == []


@pytest.mark.parametrize("samples", [np.zeros(0), np.zeros(16_000), np.ones(700)])
def test_nothing_is_said_about_silence_or_an_instant(samples: np.ndarray) -> None:
    assert features(samples, 16_000) == {}


def test_averages_pieces_by_weight_over_those_that_have_a_feature() -> None:
    rows = [
        (1.0, {"f0_mean_hz": 100.0, "mfcc": [0.0, 4.0]}),
        (3.0, {"f0_mean_hz": 200.0, "mfcc": [4.0, 0.0], "formants_hz": [500, 1500, 2500]}),
    ]
    assert average(rows) == {
        "f0_mean_hz": 175.0,
        "formants_hz": [500.0, 1500.0, 2500.0],
        "mfcc": [3.0, 1.0],
    }
    assert average([]) == {}


def test_pitch_as_features() -> None:
    assert pitch_features(PitchStatistics(120.5, 2.25, 900)) == {
        "f0_mean_hz": 120.5,
        "f0_deviation_semitones": 2.25,
    }
