"""The full-size network has the tensors of public checkpoints, and computes what they mean."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from airdub.errors import InvalidInput
from model_images.common.checkpoints import fill
from model_images.lipsync.protocol import Sound
from model_images.lipsync.wav2lip import hearing
from model_images.lipsync.wav2lip.network import Wav2LipNetwork
from tests.neural.convert_voice.rvc_made import official
from tests.neural.lipsync.wav2lip_made import inputs, tensors, tone
from tests.neural.official import official_tensors, tensors_of

CLOCK_HZ = 48_000


def test_it_has_the_official_tensors() -> None:
    with torch.device("meta"):
        network = Wav2LipNetwork()
    assert tensors_of(network) == official_tensors("wav2lip")
    assert len(official_tensors("wav2lip")) == 352
    assert sum(one.numel() for one in network.parameters()) == 36_298_035


def test_it_draws_as_the_official_one() -> None:
    with torch.device("meta"):
        network = Wav2LipNetwork(2)
    fill(network, tensors(), Path("wav2lip.pth"))
    with torch.inference_mode():
        faces = network.eval()(*inputs())
    shown = faces[[0, -1], :, ::7, ::11].reshape(-1).numpy()
    assert shown == pytest.approx(official("wav2lip_tiny")["faces"], abs=2e-6)


def test_it_hears_as_the_official_one() -> None:
    before = hearing.WINDOW // 2 + 1
    padded = np.concatenate([np.zeros(before, np.float32), tone(), np.zeros(400, np.float32)])
    found = hearing.spectrogram(padded)
    assert found.shape == (80, 81)
    wanted = np.array(official("wav2lip_tiny")["mel"]).reshape(16, -1)
    assert found[::5, 3:-3:7] == pytest.approx(wanted, abs=2e-4)


@pytest.fixture
def rising(tmp_path: Path) -> Path:
    """4 s of tones at the clock's rate."""
    soundfile.write(tmp_path / "dub.wav", np.tile(tone(1.0, CLOCK_HZ), 4), CLOCK_HZ, "PCM_24")
    return tmp_path / "dub.wav"


def heard(path: Path, onsets: np.ndarray, voiced: tuple[tuple[int, int], ...]) -> np.ndarray:
    rows = np.arange(len(onsets))
    return np.stack(hearing.heard(Sound(path, voiced, onsets), rows)) * hearing.QUANTUM


@pytest.mark.parametrize("rate", [25, 24, 30000 / 1001, 60])
def test_a_frame_hears_what_begins_with_it(tmp_path: Path, rate: float) -> None:
    at = np.arange(4 * CLOCK_HZ) / CLOCK_HZ
    whole = (0.4 * np.sin(2 * np.pi * (300 + 200 * at) * at)).astype(np.float32)
    soundfile.write(tmp_path / "dub.wav", whole, CLOCK_HZ, "FLOAT")
    count = int(3.5 * rate)
    found = heard(
        tmp_path / "dub.wav",
        np.array([round(n * CLOCK_HZ / rate) for n in range(count)]),
        ((0, len(whole)),),
    )
    padded = np.concatenate([np.zeros(hearing.WINDOW // 2 + 1), whole[::3]])
    mel = hearing.spectrogram(padded)
    for number in range(5, count):
        start = int(number * 80 / rate)
        wanted = mel[:, start : start + 16]
        loud = wanted > -1  # 62 dB below full scale: under it is what resampling leaves
        assert loud.sum() > 50
        assert found[number][loud] == pytest.approx(wanted[loud], abs=0.02)


def test_what_is_heard_does_not_depend_on_the_other_frames(rising: Path) -> None:
    onsets = np.arange(90) * 1920 + np.arange(90) % 3 * 700  # a variable rate
    voiced = ((0, 4 * CLOCK_HZ),)
    whole = heard(rising, onsets, voiced)
    assert np.array_equal(heard(rising, onsets[71:], voiced), whole[71:])
    assert np.array_equal(heard(rising, onsets[[3, 80]], voiced), whole[[3, 80]])


def test_other_voices_and_silence_are_not_heard(rising: Path) -> None:
    onsets = np.arange(75) * 1920
    found = heard(rising, onsets, ((CLOCK_HZ, CLOCK_HZ * 3 // 2),))
    assert np.all(found[:10] == -4)
    assert np.all(found[50:] == -4)
    inside = heard(rising, onsets, ((0, 4 * CLOCK_HZ),))
    assert np.array_equal(found[26:30], inside[26:30])
    assert np.all(heard(rising, onsets, ()) == -4)
    beyond = heard(rising, onsets + 60 * CLOCK_HZ, ((60 * CLOCK_HZ, 70 * CLOCK_HZ),))
    assert np.all(beyond == -4)


def test_sound_of_another_rate_is_refused(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "dub.wav", tone(), 16_000)
    with pytest.raises(InvalidInput, match="16000 Hz"):
        heard(tmp_path / "dub.wav", np.array([0]), ((0, 1),))
