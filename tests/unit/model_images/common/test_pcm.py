import hashlib
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from airdub.errors import EngineFailed, InvalidInput
from model_images.common import pcm


def noise(frames: int, channels: int = 2, seed: int = 0) -> pcm.Samples:
    random = np.random.default_rng(seed)
    return random.uniform(-0.9, 0.9, (frames, channels)).astype(np.float32)


def on_grid(samples: pcm.Samples, bits: int) -> pcm.Samples:
    full = 1 << (bits - 1)
    return (np.rint(samples.astype(np.float64) * full) / full).astype(np.float32)


@pytest.mark.parametrize(("subtype", "bits"), [("PCM_16", 16), ("PCM_24", 24)])
def test_integer_samples_come_back_exactly(tmp_path: Path, subtype: pcm.Subtype, bits: int) -> None:
    path = tmp_path / "a.wav"
    samples = on_grid(noise(5000), bits)
    samples[:2] = (-1, -1), (1 - 2.0 ** (1 - bits), 0)
    pcm.write_wav(path, samples, 48_000, subtype)
    assert pcm.read_info(path) == pcm.PcmInfo(48_000, 2, 5000, subtype)
    assert np.array_equal(np.concatenate(list(pcm.read_blocks(path, 999))), samples)


def test_samples_beyond_full_scale_clip_and_do_not_wrap(tmp_path: Path) -> None:
    path = tmp_path / "loud.wav"
    pcm.write_wav(path, np.array([1.5, -1.5, 1.0], np.float32), 48_000)
    read = pcm.read_span(path, 0, 3)[:, 0]
    assert read.tolist() == [1 - 2**-23, -1.0, 1 - 2**-23]


def test_float_samples_keep_values_beyond_full_scale(tmp_path: Path) -> None:
    path = tmp_path / "loud.wav"
    samples = noise(300, 6) * 3
    pcm.write_wav(path, samples, 48_000, "FLOAT")
    assert np.array_equal(pcm.read_span(path, 0, 300), samples)
    assert path.read_bytes()[:4] == b"RF64"


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "FLOAT"])
def test_bytes_do_not_depend_on_the_clock_or_the_blocks(
    tmp_path: Path, subtype: pcm.Subtype
) -> None:
    samples = noise(4000, 6)
    digests = set()
    for step in (4000, 700):
        path = tmp_path / f"{step}.wav"
        with pcm.WavWriter(
            path, sample_rate_hz=48_000, channels=6, frames=4000, subtype=subtype
        ) as wav:
            for at in range(0, 4000, step):
                wav.write(samples[at : at + step])
        digests.add(hashlib.sha256(path.read_bytes()).hexdigest())
        time.sleep(1.1)  # libsndfile's PEAK chunk counts seconds
    assert len(digests) == 1


def test_a_writer_that_is_given_too_little_fails(tmp_path: Path) -> None:
    writer = pcm.WavWriter(tmp_path / "a.wav", sample_rate_hz=48_000, channels=1, frames=100)
    with pytest.raises(EngineFailed, match="99 frames"), writer:
        writer.write(np.zeros(99, np.float32))


def test_the_writer_does_not_hide_an_error_of_its_block(tmp_path: Path) -> None:
    writer = pcm.WavWriter(tmp_path / "a.wav", sample_rate_hz=48_000, channels=1, frames=100)
    with pytest.raises(InvalidInput, match="bad"), writer:
        raise InvalidInput("bad")


def test_containers() -> None:
    hour = 3600 * 48_000
    assert pcm.container(hour, 2, "PCM_24") == "WAV"
    assert pcm.container(hour, 6, "PCM_24") == "WAVEX"
    assert pcm.container(2 * hour, 6, "PCM_24") == "RF64"
    assert pcm.container(10, 1, "FLOAT") == "RF64"


def test_spans_beyond_the_file_are_silence(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    samples = on_grid(noise(100, 1), 24)
    pcm.write_wav(path, samples, 48_000)
    span = pcm.read_span(path, -10, 120)
    assert span.shape == (130, 1)
    assert np.array_equal(span[10:110], samples)
    assert not span[:10].any()
    assert not span[110:].any()
    assert pcm.read_span(path, 500, 600).tolist() == [[0.0]] * 100
    assert pcm.read_span(path, 60, 50).shape == (0, 1)


@pytest.mark.parametrize("content", [b"", b"RIFF", b"hello, this is not a sound", bytes(5000)])
def test_what_is_no_audio_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "stem 😀.wav"
    path.write_bytes(content)
    with pytest.raises(InvalidInput, match=r"stem 😀\.wav.*What to do: give a WAV"):
        pcm.read_info(path)


def test_samples_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "broken.wav"
    samples = np.zeros((500, 1), np.float32)
    samples[300] = np.nan
    soundfile.write(path, samples, 48_000, subtype="FLOAT")
    with pytest.raises(InvalidInput, match="NaN"):
        list(pcm.read_blocks(path, 100))
    with pytest.raises(InvalidInput, match="NaN"):
        pcm.read_span(path, 250, 350)
    assert len(pcm.read_span(path, 0, 200)) == 200


def test_resampling_keeps_time_and_level() -> None:
    at = np.arange(44_100) / 44_100
    tone = np.sin(2 * np.pi * 440 * at).astype(np.float32)[:, None]
    blocks = [tone[i : i + 1000] for i in range(0, len(tone), 1000)]
    out = np.concatenate(list(pcm.resample_blocks(blocks, 44_100, 48_000, 1)))
    assert len(out) == 48_000
    expected = np.sin(2 * np.pi * 440 * np.arange(48_000) / 48_000)
    assert np.abs(out[1000:-1000, 0] - expected[1000:-1000]).max() < 1e-4


def test_resampling_to_the_same_rate_changes_nothing() -> None:
    block = noise(100)
    assert next(pcm.resample_blocks([block], 48_000, 48_000, 2)) is block


def test_dialogue_lies_in_the_centre() -> None:
    channels = {n: pcm.dialogue_channels(n) for n in (1, 2, 3, 4, 5, 6, 8)}
    assert channels == {1: (0,), 2: (0, 1), 3: (2,), 4: (0, 1), 5: (2,), 6: (2,), 8: (2,)}
