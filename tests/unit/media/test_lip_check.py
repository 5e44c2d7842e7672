"""The lip check tells lips in step from lips out of step."""

import numpy as np
import pytest
import soundfile

from airdub.units import CLOCK_HZ
from tests.media.clips import CLIPS, ffmpeg
from tests.media.lip_check import compare, lip_check
from tests.talking_clips import FPS, actor, mouth, sound_of, speech, write_film

FRAMES = 5 * FPS


def syllables(count: int, seed: int):
    beats = np.repeat(np.random.default_rng(seed).uniform(0, 1, count // 18 + 1), 18)[:count]
    return np.convolve(beats, np.hanning(15) / np.hanning(15).sum(), "same")


@pytest.mark.parametrize("lag_ms", [-80, 0, 50, 120])
def test_a_lag_is_found_to_the_step(lag_ms):
    loudness = syllables(1500, 1)
    found = compare(np.roll(loudness, lag_ms // 10), loudness)
    assert found["peak_lag_ms"] == lag_ms
    assert found["margin"] > 0.5


def test_unrelated_series_have_no_margin():
    assert compare(syllables(1500, 1), syllables(1500, 2))["margin"] < 0.1


@pytest.fixture(scope="module")
def talking(tmp_path_factory):
    said = speech("Buenos días a todos mis amigos, hoy hablamos del mar", "es")
    cast = actor(mouth(said, 0.4, FRAMES))
    pictures = [cast.frame(number) for number in range(FRAMES)]
    clip = tmp_path_factory.mktemp("talking") / "clip.mp4"
    return write_film(clip, pictures, sound_of([(said, 0.4)], FRAMES)), said


def test_lips_in_step_with_the_files_own_sound(talking):
    found = lip_check(talking[0])
    assert abs(found["peak_lag_ms"]) <= 40
    assert found["margin"] > 0.1


def test_lips_half_a_second_late_fail(talking, tmp_path):
    clip, said = talking
    early = sound_of([(said, 0.4)], FRAMES)[CLOCK_HZ * 2 // 5 :]
    soundfile.write(tmp_path / "early.wav", early, CLOCK_HZ)
    assert lip_check(clip, tmp_path / "early.wav")["margin"] < 0


def test_a_clip_without_a_face_or_too_short_can_not_be_checked(tmp_path):
    grey = ["-f", "lavfi", "-i", "color=gray:s=160x120:d=3", "-f", "lavfi", "-i", "sine=d=3"]
    with pytest.raises(ValueError, match="no face"):
        lip_check(ffmpeg([*grey, "-c:v", "libx264", "-c:a", "aac"], tmp_path / "grey.mp4"))
    with pytest.raises(ValueError, match=r"2\.0 s are too short"):
        lip_check(CLIPS["plain"](tmp_path / "plain.mp4"))
