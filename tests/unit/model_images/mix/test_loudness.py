"""The meters against pyloudnorm, FFmpeg and the standard's own calibration signal."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pyloudnorm
import pytest

from model_images.common.pcm import write_wav
from model_images.common.programs import run_program
from model_images.mix.layouts import layout_of
from model_images.mix.loudness import (
    PEAK_CONTEXT,
    LoudnessMeter,
    blocks_of,
    gated_lufs,
    signal_energies,
    signal_lufs,
    speech_blocks,
    true_peaks,
)
from tests.unit.model_images.mix.sounds import RATE_HZ, noise, speech


def measured(signal: np.ndarray, weights: tuple[float, ...], block: int) -> float | None:
    meter = LoudnessMeter(weights)
    for start in range(0, len(signal), block):
        meter.add(signal[start : start + block])
    return gated_lufs(blocks_of(meter.energies))


def test_a_full_scale_sine_at_997_hz_is_3_01_below_zero() -> None:
    sine = np.sin(2 * np.pi * 997 * np.arange(5 * RATE_HZ) / RATE_HZ)
    assert signal_lufs(sine) == pytest.approx(-3.01, abs=0.01)


def test_streaming_equals_pyloudnorm_whatever_the_blocks() -> None:
    voice = np.concatenate([speech(4 * RATE_HZ), np.zeros(3 * RATE_HZ), speech(RATE_HZ, 2, 0.02)])
    stereo = np.stack([voice, 0.5 * voice], axis=1)
    expected = pyloudnorm.Meter(RATE_HZ).integrated_loudness(stereo)
    for block in (997, 48_000, len(stereo)):
        assert measured(stereo, (1, 1), block) == pytest.approx(expected, abs=0.1)
    assert measured(stereo, (1, 1), 997) == measured(stereo, (1, 1), 48_000)


@pytest.mark.parametrize("layout", ["mono", "stereo", "5.1", "5.1(side)", "quad"])
def test_surround_weights_agree_with_ffmpeg(tmp_path: Path, layout: str) -> None:
    channels = {"mono": 1, "stereo": 2, "quad": 4}.get(layout, 6)
    signal = noise(6 * RATE_HZ, channels, level=0.1) * np.linspace(0.3, 1.5, channels)
    wav = tmp_path / "signal.wav"
    write_wav(wav, signal.astype(np.float32), RATE_HZ)
    stated = f"aformat=channel_layouts={layout},ebur128=peak=true"
    command = ["ffmpeg", "-hide_banner", "-nostats", "-channel_layout", layout, "-i", str(wav)]
    done = run_program([*command, "-af", stated, "-f", "null", "-"], what="measuring loudness")
    lufs = float(re.findall(r"I:\s+(-?[\d.]+) LUFS", done.stderr.decode())[-1])
    peak = float(re.findall(r"Peak:\s+(-?[\d.]+) dBFS", done.stderr.decode())[-1])
    weights = layout_of(layout, channels).weights
    assert measured(signal, weights, 30_000) == pytest.approx(lufs, abs=0.11)
    padded = np.pad(signal, ((PEAK_CONTEXT, PEAK_CONTEXT), (0, 0)))
    assert 20 * np.log10(true_peaks(padded).max()) == pytest.approx(peak, abs=0.15)


def test_a_line_shorter_than_a_block_is_measured_as_a_whole() -> None:
    short = speech(RATE_HZ // 5)
    assert signal_lufs(short) == pytest.approx(signal_lufs(np.tile(short, 10)), abs=1.5)


def test_silence_has_no_loudness() -> None:
    assert signal_lufs(np.zeros(RATE_HZ)) is None
    assert signal_lufs(np.zeros(0)) is None


def test_dialogue_gating_listens_only_where_somebody_speaks() -> None:
    loud, soft = noise(3 * RATE_HZ, 1, 0.1), noise(9 * RATE_HZ, 1, 0.03)
    energies = signal_energies(np.concatenate([loud, soft]))
    spoken = speech_blocks(energies, [(3 * RATE_HZ, 12 * RATE_HZ)])
    assert gated_lufs(spoken, relative_gate=False) == pytest.approx(signal_lufs(soft), abs=0.5)
    assert gated_lufs(speech_blocks(energies, [])) is None


def test_the_true_peak_lies_between_the_samples() -> None:
    at = np.arange(4800)
    sine = np.sin(2 * np.pi * (RATE_HZ / 4) * at / RATE_HZ + np.pi / 4)[:, None]
    assert np.abs(sine).max() == pytest.approx(0.7071, abs=1e-3)
    assert true_peaks(sine)[100:-100].max() == pytest.approx(1.0, abs=0.02)
