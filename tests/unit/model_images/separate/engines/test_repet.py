from pathlib import Path

import numpy as np
import pytest

from airdub.units import CLOCK_HZ
from model_images.separate.engines.repet import separate
from tests.unit.model_images.separate.sounds import bed, dialogue, si_sdr_db

NEIGHBOURS = 8


def with_margin(spans: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
    return tuple((start - 2000, end + 2000) for start, end in spans)


def test_a_mono_bed_is_found_under_speech(tmp_path: Path) -> None:
    voice, spans = dialogue(tmp_path)
    truth = bed(len(voice))
    found = separate((voice + truth)[:, None], with_margin(spans), NEIGHBOURS)[:, 0]
    assert si_sdr_db(found, truth) > 8  # 10 dB below the speech, which fills half the time
    assert si_sdr_db(voice + truth - found, voice) > 15


def test_a_stereo_bed_is_found_better_as_speech_is_in_the_middle(tmp_path: Path) -> None:
    voice, spans = dialogue(tmp_path)
    truth = np.stack((bed(len(voice), 1), bed(len(voice), 2)), axis=1)
    found = separate(voice[:, None] + truth, with_margin(spans), NEIGHBOURS)
    assert si_sdr_db(found, truth) > 10.5


@pytest.mark.parametrize("gains", [(1.0, 0.4), (0.0, 1.0)])
def test_a_voice_at_one_side_does_not_stay_in_the_background(
    tmp_path: Path, gains: tuple[float, float]
) -> None:
    voice, spans = dialogue(tmp_path)
    truth = np.stack((bed(len(voice), 1), bed(len(voice), 2)), axis=1)
    placed = voice[:, None] * np.array(gains, np.float32)
    left_over = separate(placed + truth, with_margin(spans), NEIGHBOURS) - truth
    assert np.mean(left_over**2) < 0.05 * np.mean(placed**2)


def test_between_speech_the_background_is_the_original(tmp_path: Path) -> None:
    voice, spans = dialogue(tmp_path)
    truth = bed(len(voice))
    found = separate((voice + truth)[:, None], with_margin(spans), NEIGHBOURS)[:, 0]
    free = slice(spans[0][1] + CLOCK_HZ // 4, spans[1][0] - CLOCK_HZ // 4)
    assert np.abs(found[free] - truth[free]).max() < 1e-5


def test_without_any_pause_the_quietest_moments_serve(tmp_path: Path) -> None:
    voice, _ = dialogue(tmp_path, pause_s=0.05)
    truth = bed(len(voice))
    found = separate((voice + truth)[:, None], ((0, len(voice)),), NEIGHBOURS)[:, 0]
    assert si_sdr_db(found, truth) > 0  # the mix itself has -10
    assert np.mean(found**2) < 2 * np.mean(truth**2)


@pytest.mark.parametrize("length", [1, 500, 20_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_scraps_and_silence_give_numbers(length: int, channels: int) -> None:
    silent = np.zeros((length, channels), np.float32)
    found = separate(silent, ((0, length),), NEIGHBOURS)
    assert found.shape == silent.shape
    assert not found.any()
