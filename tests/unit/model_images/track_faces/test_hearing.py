"""Loudness and speech at frames of any rate."""

import numpy as np
import pytest
import soundfile

from airdub.speech import SpeechSpans
from model_images.track_faces.hearing import at_frames, envelope, speech_at_frames

RATE_HZ = 16_000


def test_the_envelope_follows_a_tone_of_the_speech_band(tmp_path):
    time = np.arange(3 * RATE_HZ) / RATE_HZ
    tone = 0.3 * np.sin(2 * np.pi * 1000 * time) * ((time >= 1) & (time < 2))
    soundfile.write(tmp_path / "tone.wav", tone, RATE_HZ)
    loudness = envelope(tmp_path / "tone.wav")
    assert len(loudness) == 300
    assert loudness[120:180].mean() == pytest.approx(np.log(0.3 / np.sqrt(2)), abs=0.05)
    assert loudness[20:80].max() < loudness[120:180].min() - 4
    assert loudness[220:].max() < loudness[120:180].min() - 4


def test_rumble_below_the_band_is_not_heard(tmp_path):
    time = np.arange(2 * RATE_HZ) / RATE_HZ
    for name, hz in (("rumble", 40), ("voice", 500)):
        soundfile.write(tmp_path / f"{name}.wav", 0.3 * np.sin(2 * np.pi * hz * time), RATE_HZ)
    rumble, voice = (envelope(tmp_path / f"{n}.wav")[100:].mean() for n in ("rumble", "voice"))
    assert rumble < voice - 3


def test_blocks_leave_no_trace(tmp_path):
    noise = np.random.default_rng(0).normal(0, 0.1, 25 * RATE_HZ)  # two blocks and a half
    soundfile.write(tmp_path / "noise.wav", noise, RATE_HZ)
    loudness = envelope(tmp_path / "noise.wav")
    assert len(loudness) == 2500
    assert loudness[990:1010].std() < 2 * loudness[500:520].std()
    assert abs(loudness[1000] - loudness[10:].mean()) < 4 * loudness[10:].std()


def test_frames_of_a_variable_rate_take_the_mean_of_their_own_time():
    values = np.arange(100, dtype=np.float32)  # one per 10 ms
    ticks = np.array([0, 4800, 9600, 19_200])  # 0, 100, 200, 400 ms
    assert at_frames(values, ticks, 24_000).tolist() == [4.5, 14.5, 29.5, 44.5]


def test_beyond_the_sound_it_is_as_quiet_as_ever():
    values = np.array([5, 5, 2, 5], np.float32)
    assert at_frames(values, np.array([0, 480, 48_000]), 50_000)[-1] == 2
    assert at_frames(np.zeros(0, np.float32), np.array([0, 480]), 960).tolist() == [0, 0]


def test_speech_is_where_the_frames_middle_lies_in_a_span():
    speech = SpeechSpans(spans=((1000, 3000), (5000, 9000)), method="test")
    ticks = np.arange(0, 10_000, 2000)
    assert speech_at_frames(speech, ticks, 10_000).tolist() == [True, False, True, True, False]
