import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

from airdub.errors import EngineFailed
from airdub.units import ms_to_ticks, seconds_to_ticks
from model_images.common import pcm, vad

FRAME_MS = 32


def speech_16k(tmp_path: Path) -> np.ndarray:
    """About two seconds of English by flite, silence cut off."""
    path = tmp_path / "flite.wav"
    subprocess.run(
        ["flite", "-voice", "rms", "-t", "the quick brown fox jumps over the lazy dog", path],
        check=True,
    )
    samples, rate = soundfile.read(path, dtype="float32")
    loud = np.flatnonzero(np.abs(samples) > 0.02)
    return soxr.resample(samples[loud[0] : loud[-1]], rate, vad.SAMPLE_RATE_HZ)


def test_speech_between_silences_is_found_where_it_is(tmp_path: Path) -> None:
    voice = speech_16k(tmp_path)
    start_s, rate = 1.5, vad.SAMPLE_RATE_HZ
    signal = np.zeros(rate * 6, np.float32)
    signal[int(start_s * rate) : int(start_s * rate) + len(voice)] = voice
    signal += np.random.default_rng(0).normal(0, 1e-4, len(signal)).astype(np.float32)
    pcm.write_wav(tmp_path / "a.wav", signal, rate, "PCM_16")
    found = vad.detect_speech(tmp_path / "a.wav")
    assert abs(found.spans[0][0] - seconds_to_ticks(start_s)) < ms_to_ticks(100)
    end = seconds_to_ticks(start_s + len(voice) / rate)
    assert abs(found.spans[-1][1] - end) < ms_to_ticks(150)
    assert found.method == "silero-vad"


@pytest.mark.parametrize("level", [0.0, 0.05])
def test_silence_and_noise_are_no_speech(tmp_path: Path, level: float) -> None:
    signal = np.random.default_rng(0).normal(0, 1, 16_000 * 4).astype(np.float32) * level
    pcm.write_wav(tmp_path / "a.wav", signal, 16_000, "PCM_16")
    assert vad.detect_speech(tmp_path / "a.wav").spans == ()


def test_blocks_do_not_change_the_probabilities(tmp_path: Path) -> None:
    voice = speech_16k(tmp_path)
    whole = vad.speech_probabilities([voice])
    pieces = vad.speech_probabilities(voice[at : at + 700] for at in range(0, len(voice), 700))
    assert len(whole) == -(-len(voice) // vad.FRAME)
    assert np.array_equal(whole, pieces)
    assert whole.max() > 0.9


def test_an_empty_signal_has_no_frames() -> None:
    assert vad.speech_probabilities([]).shape == (0,)


def test_another_rate_is_refused(tmp_path: Path) -> None:
    pcm.write_wav(tmp_path / "a.wav", np.zeros(100, np.float32), 8000, "PCM_16")
    with pytest.raises(EngineFailed, match="16 kHz mono"):
        vad.detect_speech(tmp_path / "a.wav")


def frames(*runs: tuple[int, float]) -> np.ndarray:
    return np.concatenate([np.full(n, p, np.float32) for n, p in runs])


def spans_ms(probabilities: np.ndarray, length_ms: int, **settings: float) -> list[list[float]]:
    bare = {"pad_ms": 0, **settings}
    spans = vad.spans_of(probabilities, ms_to_ticks(length_ms), vad.VadSettings(**bare))  # type: ignore[arg-type]
    return [[start / 48, end / 48] for start, end in spans]


def test_hysteresis() -> None:
    found = spans_ms(frames((10, 0.0), (10, 0.9), (5, 0.4), (10, 0.6), (20, 0.1)), 55 * FRAME_MS)
    assert found == [[10 * FRAME_MS, 35 * FRAME_MS]]


def test_a_short_pause_does_not_split_and_a_long_one_does() -> None:
    runs = frames((10, 0.9), (3, 0.1), (10, 0.9), (4, 0.1), (10, 0.9))
    assert spans_ms(runs, 37 * FRAME_MS) == [[0, 736], [27 * FRAME_MS, 37 * FRAME_MS]]


def test_a_click_is_no_speech() -> None:
    assert spans_ms(frames((10, 0.0), (3, 0.99), (10, 0.0)), 23 * FRAME_MS) == []


def test_padding_stays_inside_the_signal_and_apart() -> None:
    runs = frames((1, 0.0), (10, 0.9), (4, 0.1), (10, 0.9))
    found = vad.spans_of(runs, 25 * vad.FRAME_TICKS, vad.VadSettings(pad_ms=500))
    assert found[0][0] == 0
    assert found[-1][1] == 25 * vad.FRAME_TICKS
    assert 0 < found[1][0] - found[0][1] <= 2


def test_speech_up_to_the_end_ends_with_the_signal() -> None:
    assert spans_ms(frames((10, 0.0), (10, 0.9)), 19 * FRAME_MS + 5) == [[320, 613]]
