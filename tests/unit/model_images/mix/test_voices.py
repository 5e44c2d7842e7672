"""Lines as they go into the mix: length, pauses, edges and level."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from airdub.errors import EngineFailed
from airdub.timing import Pause, Placement
from model_images.common.pcm import write_wav
from model_images.mix.layouts import layout_of
from model_images.mix.levels import SOFTEST_LU, Level, pan, source_levels
from model_images.mix.loudness import signal_lufs
from model_images.mix.stretch import stretch, stretch_command
from model_images.mix.voices import make_voice, with_pauses
from tests.unit.model_images.mix.sounds import RATE_HZ, noise, speech


def placement(
    start: int = 0, length: int = RATE_HZ, stretched: int | None = None, **fields: object
) -> Placement:
    values = {
        "segment_id": "s0001",
        "speaker": "ana",
        "start": start,
        "take_length": length,
        "natural_length": length,
        "stretched_length": stretched or length,
        "source_start": start,
        "source_end": start + length,
    }
    return Placement.model_validate(values | fields)


@pytest.mark.parametrize("length", [23_456, 35_555, 48_000, 53_001])
def test_a_line_gets_its_planned_length_to_the_sample(tmp_path: Path, length: int) -> None:
    stretched = stretch(speech(RATE_HZ), length, tmp_path)
    assert len(stretched) == length
    assert signal_lufs(stretched) == pytest.approx(signal_lufs(speech(RATE_HZ)), abs=1.0)


def test_stretching_keeps_the_pitch(tmp_path: Path) -> None:
    def loudest_hz(signal: np.ndarray) -> float:
        return int(np.argmax(np.abs(np.fft.rfft(signal, 4 * RATE_HZ)))) / 4

    assert loudest_hz(stretch(speech(RATE_HZ), 40_000, tmp_path)) == pytest.approx(110, abs=2)


def test_a_line_of_the_right_length_is_not_touched(tmp_path: Path) -> None:
    signal = speech(4800)
    assert stretch(signal, 4800, tmp_path) is signal


def test_the_command_states_the_length() -> None:
    assert stretch_command(Path("a.wav"), Path("b.wav"), 36_001) == [
        *("rubberband", "-3", "--quiet", "--duration", "0.750020833", "a.wav", "b.wav")
    ]


def test_a_take_that_is_not_as_stated_is_refused(tmp_path: Path) -> None:
    write_wav(tmp_path / "take.wav", speech(4800), RATE_HZ)
    with pytest.raises(EngineFailed, match="segment s0001"):
        make_voice(tmp_path / "take.wav", placement(length=4801), Level(-23, (1.0,)), tmp_path)


def test_a_pause_is_silence_of_its_length_and_every_sound_is_kept() -> None:
    signal = np.concatenate([speech(9600), np.zeros(4800), speech(9600, 1)]).astype(np.float32)
    line = with_pauses(signal, placement(length=24_000, pauses=(Pause(at=12_000, length=7_000),)))
    assert len(line) == 31_000
    assert not line[9600:21_400].any()
    np.testing.assert_array_equal(line[240:9360], signal[240:9360])
    np.testing.assert_array_equal(line[21_640:30_760], signal[14_640:23_760])


def test_edges_rise_from_silence() -> None:
    line = with_pauses(np.ones(4800, np.float32), placement(length=4800))
    assert line[0] < 0.001
    assert line[-1] < 0.001
    assert (line[240:-240] == 1).all()


@pytest.mark.parametrize("layout_name", ["mono", "stereo", "5.1"])
def test_a_line_is_as_loud_as_its_original(tmp_path: Path, layout_name: str) -> None:
    channels = {"mono": 1, "stereo": 2, "5.1": 6}[layout_name]
    layout = layout_of(layout_name, channels)
    stem = np.zeros((6 * RATE_HZ, channels), np.float32)
    originals = [placement(0, 2 * RATE_HZ), placement(3 * RATE_HZ, 2 * RATE_HZ)]
    for number, (line, level) in enumerate(zip(originals, (0.05, 0.15), strict=True)):
        span = slice(line.source_start, line.source_end)
        stem[span, layout.voice] = speech(2 * RATE_HZ, number, level)[:, None]
    write_wav(tmp_path / "dialogue.wav", stem, RATE_HZ)
    write_wav(tmp_path / "take.wav", speech(2 * RATE_HZ, 5, 0.3), RATE_HZ)
    levels = source_levels(tmp_path / "dialogue.wav", layout, originals)
    for line, level in zip(originals, levels, strict=True):
        voice = make_voice(tmp_path / "take.wav", line, level, tmp_path)
        placed = np.load(voice.file)[:, None] * np.float32(voice.gains)
        original = stem[line.source_start : line.source_end]
        assert signal_lufs(placed) == pytest.approx(signal_lufs(original), abs=0.3)


def test_lines_that_cannot_be_measured_take_the_titles_level(tmp_path: Path) -> None:
    lines = [
        placement(0, 2 * RATE_HZ),
        placement(3 * RATE_HZ, 9_600),  # too short
        placement(4 * RATE_HZ, RATE_HZ),  # silent
    ]
    stem = np.zeros((6 * RATE_HZ, 1), np.float32)
    stem[: 2 * RATE_HZ, 0] = speech(2 * RATE_HZ)
    stem[3 * RATE_HZ : 3 * RATE_HZ + 9_600, 0] = speech(9_600, level=0.9)
    write_wav(tmp_path / "dialogue.wav", stem, RATE_HZ)
    first, *others = source_levels(tmp_path / "dialogue.wav", layout_of("mono", 1), lines)
    assert [level.lufs for level in others] == [first.lufs] * 2


def test_a_title_with_a_silent_dialogue_stem_still_has_levels(tmp_path: Path) -> None:
    write_wav(tmp_path / "dialogue.wav", np.zeros((RATE_HZ, 2), np.float32), RATE_HZ)
    levels = source_levels(tmp_path / "dialogue.wav", layout_of("stereo", 2), [placement()])
    assert levels == [Level(-23.0, (1.0, 1.0))]


def test_levels_stay_near_the_titles(tmp_path: Path) -> None:
    loud, soft = speech(4 * RATE_HZ, level=0.2), speech(RATE_HZ, level=0.005)
    write_wav(tmp_path / "dialogue.wav", np.concatenate([loud, soft]), RATE_HZ)
    lines = [placement(0, 4 * RATE_HZ), placement(4 * RATE_HZ, RATE_HZ)]
    title, whisper = source_levels(tmp_path / "dialogue.wav", layout_of("mono", 1), lines)
    assert whisper.lufs == pytest.approx(title.lufs + SOFTEST_LU, abs=0.1)


def test_a_voice_stays_in_the_middle_unless_it_clearly_is_not() -> None:
    assert pan([0.1]) == (1.0,)
    assert pan([0.1, 0.04]) == (1.0, 1.0)
    assert pan([0.0, 0.0]) == (1.0, 1.0)
    assert pan([0.1, 0.0]) == (pytest.approx(2**0.5), 0.0)


def test_a_voice_at_the_side_stays_there_over_a_bed(tmp_path: Path) -> None:
    stem = noise(2 * RATE_HZ, 2, 0.01) + speech(2 * RATE_HZ)[:, None] * np.float32([1, 0.2])
    write_wav(tmp_path / "dialogue.wav", stem, RATE_HZ)
    line = placement(0, 2 * RATE_HZ)
    (level,) = source_levels(tmp_path / "dialogue.wav", layout_of("stereo", 2), [line])
    left, right = level.gains
    assert left**2 + right**2 == pytest.approx(2)
    assert 3 < left / right < 5
