import numpy as np
import pytest

from model_images.common import espeak
from model_images.common.pitch import PitchStatistics, contour, statistics
from model_images.convert_voice.engines.world import create, move_f0
from model_images.convert_voice.protocol import Limits

RATE_HZ = 22_050


def _spoken(text: str, voice: str) -> np.ndarray:
    return espeak.speak(text, voice).samples / 65536.0


@pytest.mark.parametrize(
    ("text", "voice"),
    [
        ("The dog runs along the street and nobody sees him at night.", "gmw/en-US"),
        ("El perro corre por la calle y nadie lo ve.", "roa/es"),
        ("오늘은 날씨가 좋아서 공원에 산책하러 갔어요.", "ko+f2"),
    ],
)
@pytest.mark.parametrize("mean_hz", [95.0, 140.0, 180.0])
def test_lands_on_the_speakers_pitch(text: str, voice: str, mean_hz: float) -> None:
    samples = _spoken(text, voice)
    target = PitchStatistics(mean_hz, 2.0, 5000)
    converted = create(Limits(lowest_ratio=0.4)).convert(samples, RATE_HZ, target)
    assert converted is not None
    assert converted.shape == samples.shape
    found = statistics(contour(converted, RATE_HZ))
    assert found is not None
    assert found.mean_hz == pytest.approx(mean_hz, abs=5)
    assert found.deviation_semitones == pytest.approx(2.0, abs=0.8)
    levels = [np.sqrt(np.mean(np.square(x))) for x in (samples, converted)]
    assert levels[1] == pytest.approx(levels[0], rel=0.01)


def test_sounds_stay_where_they_were() -> None:
    samples = _spoken("Papa, tata, kaka.", "gmw/en-US")
    converted = create(Limits()).convert(samples, RATE_HZ, PitchStatistics(160.0, 2.0, 5000))
    assert converted is not None
    envelopes = [
        np.convolve(np.abs(x), np.ones(220) / 220, "same")[::22] for x in (samples, converted)
    ]
    lags = [np.corrcoef(envelopes[0], np.roll(envelopes[1], lag))[0, 1] for lag in range(-30, 31)]
    assert abs(int(np.argmax(lags)) - 30) <= 5  # milliseconds


def test_the_same_take_gives_the_same_samples_whatever_came_before() -> None:
    engine, target = create(Limits()), PitchStatistics(150.0, 2.0, 5000)
    one, other = _spoken("Hola amigo.", "roa/es"), _spoken("안녕하세요", "ko")
    first = engine.convert(one, RATE_HZ, target)
    engine.convert(other, RATE_HZ, target)
    assert np.array_equal(first, engine.convert(one, RATE_HZ, target))


@pytest.mark.parametrize(
    "samples", [np.zeros(9600), np.zeros(10), _spoken("sss", "gmw/en-US")[:800]]
)
def test_a_take_without_voice_is_not_converted(samples: np.ndarray) -> None:
    assert create(Limits()).convert(samples, 48_000, PitchStatistics(150.0, 2.0, 5000)) is None


def test_whispered_noise_is_not_converted() -> None:
    noise = np.random.default_rng(1).normal(0, 0.05, 48_000)
    assert create(Limits()).convert(noise, 48_000, PitchStatistics(150.0, 2.0, 5000)) is None


OWN = PitchStatistics(100.0, 2.0, 5000)
F0 = np.array([0.0, 100.0, 200.0, 0.0])


@pytest.mark.parametrize(
    ("own", "target", "moved"),
    [
        (OWN, OWN, [0, 100, 200, 0]),
        (OWN, PitchStatistics(150.0, 2.0, 1), [0, 150, 300, 0]),
        (OWN, PitchStatistics(150.0, 1.0, 1), [0, 150, 150 * 2**0.5, 0]),
        (OWN, PitchStatistics(250.0, 2.0, 1), [0, 200, 400, 0]),
        (OWN, PitchStatistics(30.0, 2.0, 1), [0, 50, 100, 0]),
        (OWN, PitchStatistics(100.0, 9.0, 1), [0, 100, 400, 0]),
        (OWN, PitchStatistics(200.0, 4.0, 1), [0, 200, 700, 0]),
        (PitchStatistics(100.0, 2.0, 499), PitchStatistics(150.0, 1.0, 1), [0, 150, 300, 0]),
        (PitchStatistics(100.0, 0.0, 5000), PitchStatistics(100.0, 2.0, 1), [0, 100, 400, 0]),
    ],
)
def test_moves_mean_and_deviation_within_limits(
    own: PitchStatistics, target: PitchStatistics, moved: list[float]
) -> None:
    assert move_f0(F0, own, target, Limits()) == pytest.approx(np.array(moved))
