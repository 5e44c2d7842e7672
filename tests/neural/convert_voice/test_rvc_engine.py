"""Takes in a trained voice: length, pitch, pieces, the same each time; what isn't converted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soxr

from airdub.errors import DependencyUnavailable, InvalidInput
from model_images.common import espeak
from model_images.common.pitch import PitchStatistics
from model_images.convert_voice.engines import rvc
from model_images.convert_voice.protocol import Limits, TrainedVoice
from model_images.convert_voice.rvc import contentvec, pieces, voices
from model_images.convert_voice.rvc.conversion import Conversion, Manner
from model_images.convert_voice.rvc.pitch import contour, harvest
from tests.neural.convert_voice.rvc_made import fill_cache

TARGET = PitchStatistics(150.0, 2.0, 5000)


@pytest.fixture
def voice(model_cache: Path) -> TrainedVoice:
    return fill_cache(model_cache)


def _take(text: str = "The dog runs along the street.", rate_hz: int = 48_000) -> np.ndarray:
    spoken = espeak.speak(text, "gmw/en-US")
    return soxr.resample(spoken.samples / 65536, spoken.sample_rate_hz, rate_hz)


def _rms(samples: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(samples))))


@pytest.mark.parametrize("rate_hz", [48_000, 22_050, 8_000])
@pytest.mark.parametrize("text", ["Go.", "The dog runs along the street."])
def test_a_take_keeps_its_length_and_loudness(voice: TrainedVoice, text: str, rate_hz: int) -> None:
    take = _take(text, rate_hz)
    converted = rvc.create(Limits()).convert(take, rate_hz, TARGET, voice)
    assert converted is not None
    assert converted.shape == take.shape
    assert converted.dtype == np.float64
    assert np.abs(converted).max() <= 0.98
    assert _rms(converted) == pytest.approx(_rms(take), rel=0.01)
    assert np.corrcoef(converted, take)[0, 1] < 0.9, "it is another sound"


def test_a_seed_gives_the_same_samples_and_another_seed_others(voice: TrainedVoice) -> None:
    take, voice = _take("Go."), voice.model_copy(update={"pitch": "rmvpe"})
    first, again, other = (
        rvc.create(Limits(), seed).convert(take, 48_000, TARGET, voice) for seed in (3, 3, 4)
    )
    assert np.array_equal(first, again)
    assert not np.allclose(first, other, atol=1e-4)


def test_the_index_and_the_pitch_count(voice: TrainedVoice) -> None:
    take, engine = _take("Go."), rvc.create(Limits())
    plain = voice.model_copy(update={"index": "", "index_sha256": ""})
    drawn = engine.convert(take, 48_000, TARGET, voice)
    undrawn = engine.convert(take, 48_000, TARGET, voice.model_copy(update={"index_rate": 0.0}))
    higher = engine.convert(take, 48_000, PitchStatistics(190.0, 2.0, 5000), plain)
    assert np.array_equal(undrawn, engine.convert(take, 48_000, TARGET, plain))
    assert not np.allclose(drawn, undrawn, atol=1e-3)
    assert not np.allclose(higher, undrawn, atol=1e-3)


@pytest.mark.parametrize(
    "take",
    [
        np.zeros(0),
        np.zeros(48_000),
        np.full(1, 0.1),
        np.full(3, 0.1),
        np.random.default_rng(1).normal(0, 0.02, 9_600),
    ],
    ids=["nothing", "silence", "a sample", "an instant", "noise"],
)
def test_a_take_without_voice_is_not_converted(voice: TrainedVoice, take: np.ndarray) -> None:
    assert rvc.create(Limits()).convert(take, 48_000, TARGET, voice) is None


@pytest.mark.parametrize(("target_hz", "moved"), [(150, 1.5), (300, 2.0), (20, 0.5), (80, 0.8)])
def test_pitch_is_moved_by_one_ratio_within_the_limits(target_hz: float, moved: float) -> None:
    own, target = PitchStatistics(100.0, 2.0, 900), PitchStatistics(target_hz, 2.0, 900)
    assert rvc.ratio(own, target, Limits()) == moved


def test_a_long_sound_in_pieces_is_the_same_sound(
    voice: TrainedVoice, model_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a piece doesn't hear of its neighbours is far enough away not to count."""
    sound = np.tile(_take("Papa, tata, kaka, mama.", 16_000), 4).astype(np.float32)[:96_000]

    def read(first: int, end: int) -> np.ndarray:
        return sound[first:end]

    content = contentvec.load(
        model_cache / "contentvec/config.json", model_cache / "contentvec/pytorch_model.bin"
    )
    loaded = voices.load(voice, content)
    f0 = contour(read, len(sound), 600, harvest)
    made = {}
    for longest in (2000, 200):
        monkeypatch.setattr(pieces, "LONGEST", longest)
        made[longest] = [*Conversion(loaded, Manner(seed=1), read, len(sound), f0).blocks()]
    assert [len(blocks) for blocks in made.values()] == [1, 3]
    whole, parted = map(np.concatenate, made.values())
    assert whole.shape == parted.shape == (600 * 400,)
    assert _rms(whole - parted) < 0.1 * _rms(whole)


def test_says_which_file_lacks(voice: TrainedVoice, model_cache: Path) -> None:
    engine = rvc.create(Limits())
    with pytest.raises(InvalidInput, match="no trained voice"):
        engine.convert(_take(), 48_000, TARGET)
    (model_cache / "contentvec/pytorch_model.bin").unlink()
    with pytest.raises(DependencyUnavailable, match=r"contentvec.bin.*convert_voice/rvc"):
        engine.convert(_take("Go."), 48_000, TARGET, voice)
