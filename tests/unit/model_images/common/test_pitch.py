import numpy as np
import pytest

from model_images.common.pitch import PitchStatistics, contour, quick_contour, statistics


def test_statistics_are_of_log_f0_without_octave_errors() -> None:
    f0 = np.array([0.0] * 50 + [100.0, 121.0] * 50 + [220.0] * 5 + [50.0] * 5)
    found = statistics(f0)
    assert found == PitchStatistics(mean_hz=110.0, deviation_semitones=1.65, voiced_ms=500)


@pytest.mark.parametrize("f0", [np.zeros(100), np.full(9, 100.0), np.zeros(0)])
def test_too_little_voice_has_no_statistics(f0: np.ndarray) -> None:
    assert statistics(f0) is None


@pytest.mark.parametrize("follow", [contour, quick_contour])
def test_follows_a_buzz(follow) -> None:  # type: ignore[no-untyped-def]
    phase = 2 * np.pi * 150 * np.arange(24_000) / 24_000
    buzz = sum(np.sin(k * phase) / k for k in range(1, 20))
    f0 = follow(buzz * 0.1, 24_000)
    assert len(f0) == 201
    found = statistics(f0)
    assert found is not None
    assert found.mean_hz == pytest.approx(150, abs=1)
