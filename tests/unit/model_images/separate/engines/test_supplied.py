from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import soxr

from airdub.errors import InvalidInput
from airdub.units import CLOCK_HZ
from model_images.common import pcm
from model_images.separate.engines.supplied import background_blocks
from model_images.separate.protocol import Scene, Stem
from tests.unit.model_images.separate.sounds import bed, dialogue, si_sdr_db


class Title:
    """A stereo title with its true parts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.voice, self.spans = dialogue(folder)
        length = len(self.voice)
        self.truth = np.stack((bed(length, 1), bed(length, 2)), axis=1)
        pcm.write_wav(folder / "original.wav", self.voice[:, None] + self.truth, CLOCK_HZ)
        self.warnings: list[str] = []
        self.measured: dict[str, Any] = {}

    def background(self, **stems: np.ndarray) -> np.ndarray:
        """What the engine makes of the stems."""
        for name, samples in stems.items():
            pcm.write_wav(self.folder / f"{name}.wav", samples, CLOCK_HZ)
        return self.read(*stems)

    def read(self, *names: str) -> np.ndarray:
        """What the engine makes of stem files."""
        original = self.folder / "original.wav"
        scene = Scene(
            original=original,
            info=pcm.read_info(original),
            speech=self.spans,
            stems={name: Stem(self.folder / f"{name}.wav", name) for name in names},
            warn=self.warnings.append,
            measure=self.measured.__setitem__,
        )
        return np.concatenate(list(background_blocks(scene, None)))


@pytest.fixture
def title(tmp_path: Path) -> Title:
    return Title(tmp_path)


def test_a_music_and_effects_stem_is_the_background(title: Title) -> None:
    found = title.background(background_stem=title.truth)
    assert np.abs(found - title.truth).max() <= 2**-23
    assert title.measured["stem_delay_samples"] == 0
    assert title.measured["stem_correlation"] > 0.99
    assert not title.warnings


def test_a_dialogue_stem_leaves_the_background(title: Title) -> None:
    found = title.background(dialogue_stem=np.stack((title.voice, title.voice), axis=1))
    assert si_sdr_db(found, title.truth) > 60


def test_a_mono_dialogue_stem_goes_to_both_sides(title: Title) -> None:
    assert si_sdr_db(title.background(dialogue_stem=title.voice), title.truth) > 60


def test_music_and_effects_go_before_dialogue(title: Title) -> None:
    silence = np.zeros_like(title.truth)
    found = title.background(background_stem=title.truth, dialogue_stem=silence)
    assert si_sdr_db(found, title.truth) > 60


@pytest.mark.parametrize("delay", [-480, -1, 5, 1105])
def test_a_delay_is_found_and_taken_back(title: Title, delay: int) -> None:
    late = np.roll(title.truth, delay, axis=0)
    found = title.background(background_stem=late)
    assert title.measured["stem_delay_samples"] == delay
    inner = slice(2000, -2000)
    assert np.abs(found[inner] - title.truth[inner]).max() <= 2**-23
    assert len(found) == len(title.truth)
    assert "ms late and was shifted" in title.warnings[0]


def test_another_rate_is_converted(title: Title) -> None:
    stem = soxr.resample(title.truth, CLOCK_HZ, 44_100)
    soundfile.write(title.folder / "background_stem.wav", stem, 44_100, subtype="PCM_24")
    assert si_sdr_db(title.read("background_stem"), title.truth) > 40


def test_where_a_stem_ends_early_the_original_goes_on(title: Title) -> None:
    found = title.background(background_stem=title.truth[: -CLOCK_HZ // 4])
    assert len(found) == len(title.truth)
    assert np.abs(found - title.truth).max() <= 2**-23  # nobody speaks at the end


@pytest.mark.parametrize("change_s", [-0.6, 0.6])
def test_a_stem_of_another_length_is_refused(title: Title, change_s: float) -> None:
    length = len(title.truth) + round(change_s * CLOCK_HZ)
    with pytest.raises(InvalidInput, match=r"background_stem: it lasts .* s, the video .* s"):
        title.background(background_stem=np.resize(title.truth, (length, 2)))


def test_channels_that_do_not_fit_are_refused(title: Title) -> None:
    with pytest.raises(InvalidInput, match=r"4 channels.*give a stem of 2 channels"):
        title.background(background_stem=np.tile(title.truth, (1, 2)))


def test_a_stem_of_another_title_is_told(title: Title) -> None:
    noise = np.random.default_rng(9).normal(0, 0.03, title.truth.shape).astype(np.float32)
    title.background(background_stem=noise)
    assert any("hardly resembles" in warning for warning in title.warnings)


def test_a_silent_stem_is_a_title_without_music(title: Title) -> None:
    assert not title.background(background_stem=np.zeros_like(title.truth)).any()
    assert not title.warnings


def test_a_file_that_is_no_sound_is_refused(title: Title) -> None:
    (title.folder / "background_stem.wav").write_text("not a sound")
    with pytest.raises(InvalidInput, match="can't be read as audio"):
        title.read("background_stem")


def test_no_stem_is_refused(title: Title) -> None:
    with pytest.raises(InvalidInput, match="no stem was supplied"):
        title.background()
