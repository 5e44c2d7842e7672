"""The mix against what went into it."""

from __future__ import annotations

import re
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from airdub.errors import EngineFailed, InvalidInput
from airdub.transcript import Lines
from model_images.common.pcm import read_info, write_wav
from model_images.common.programs import run_program
from model_images.mix.loudness import signal_lufs
from model_images.mix.stage import run
from model_images.runner.context import StageContext
from tests.builders import stage_context
from tests.unit.model_images.mix.sounds import RATE_HZ, noise, si_sdr, speech
from tests.unit.model_images.mix.titles import Title, facts, no_faces

S = RATE_HZ


def two_lines(background: np.ndarray) -> Title:
    """Ana's line is dubbed by a longer take, Ben's by a shorter one."""
    return Title(
        background,
        [
            (S, 3 * S, "ana", "dub", speech(2 * S, 0, 0.08), speech(int(2.3 * S), 3, 0.3)),
            (4 * S, 6 * S, "ben", "dub", speech(2 * S, 1, 0.2), speech(S, 4, 0.3)),
        ],
    )


@pytest.fixture(scope="module")
def stereo(tmp_path_factory: pytest.TempPathFactory):
    title = two_lines(noise(7 * S + 11, 2))
    return title, title.mixed(tmp_path_factory.mktemp("stereo"))


def test_the_mix_without_its_dialogue_is_the_background(stereo) -> None:
    title, mixed = stereo
    rest = mixed.samples("mix") - mixed.samples("dialogue_stem")
    assert si_sdr(rest, title.background) >= 80
    np.testing.assert_allclose(rest, title.background * mixed.gain, atol=1e-5)


def test_files_are_as_long_as_the_picture_in_24_bits(stereo) -> None:
    title, mixed = stereo
    for name, channels in (("mix", 2), ("dialogue_stem", 1)):
        info = read_info(mixed.path(name))
        assert (info.frames, info.channels) == (title.frames, channels)
        assert (info.sample_rate_hz, info.subtype) == (48_000, "PCM_24")


def ffmpeg_loudness(path: Path) -> tuple[float, float]:
    """LUFS and dBTP of a file by FFmpeg."""
    command = ["ffmpeg", "-hide_banner", "-nostats", "-i", str(path)]
    done = run_program(
        [*command, "-af", "ebur128=peak=true", "-f", "null", "-"], what="measuring loudness"
    )
    log = done.stderr.decode()
    lufs = re.findall(r"I:\s+(-?[\d.]+) LUFS", log)[-1]
    return float(lufs), float(re.findall(r"Peak:\s+(-?[\d.]+) dBFS", log)[-1])


@pytest.mark.parametrize("target", [-23.0, -16.0])
def test_loudness_and_true_peak_meet_the_delivery(tmp_path: Path, target: float) -> None:
    title = two_lines(noise(7 * S, 2))
    title.parameters = {"target_lufs": target}
    mixed = title.mixed(tmp_path)
    lufs, peak = ffmpeg_loudness(mixed.path("mix"))
    assert lufs == pytest.approx(target, abs=0.2)
    assert peak <= -1.4
    assert mixed.measurements["loudness_lufs"] == pytest.approx(lufs, abs=0.15)
    assert mixed.measurements["true_peak_dbtp"] == pytest.approx(peak, abs=0.2)
    assert not mixed.warnings


def test_each_line_is_as_loud_as_its_original(stereo) -> None:
    title, mixed = stereo
    stem = mixed.samples("dialogue_stem") / mixed.gain
    for placement in mixed.plan.placements:
        original = title.dialogue[placement.source_start : placement.source_end]
        placed = np.repeat(stem[placement.start : placement.end], 2, axis=1)
        assert signal_lufs(placed) == pytest.approx(signal_lufs(original), abs=0.3)


def test_speech_is_where_the_plan_says_and_nowhere_else(stereo) -> None:
    _, mixed = stereo
    stem = mixed.samples("dialogue_stem")[:, 0]
    silent = np.ones(len(stem), bool)
    for placement in mixed.plan.placements:
        silent[placement.start : placement.end] = False
        assert np.abs(stem[placement.start : placement.end]).max() > 0.01
    assert not stem[silent].any()
    assert mixed.plan.placements[0].start == S


def test_the_same_inputs_give_the_same_bytes(stereo, tmp_path: Path) -> None:
    title, mixed = stereo
    again = title.mixed(tmp_path)
    assert {n: r.sha256 for n, r in again.refs.items()} == {
        n: r.sha256 for n, r in mixed.refs.items()
    }


def test_surround_keeps_every_channel_but_the_centre(tmp_path: Path) -> None:
    title = two_lines(noise(7 * S, 6))
    mixed = title.mixed(tmp_path)
    mix, stem = mixed.samples("mix"), mixed.samples("dialogue_stem")[:, 0]
    others = [0, 1, 3, 4, 5]
    quantum = 2.0**-23
    expected = title.background * np.float32(10 ** (mixed.measurements["gain_db"] / 20))
    np.testing.assert_allclose(mix[:, others], expected[:, others], atol=2e-5)
    centre = mix[:, 2] - stem
    assert si_sdr(centre, title.background[:, 2]) >= 80
    scale = (mix[:, 0] @ title.background[:, 0]) / np.square(title.background[:, 0]).sum()
    np.testing.assert_allclose(mix[:, others], title.background[:, others] * scale, atol=quantum)
    assert ffmpeg_loudness(mixed.path("mix"))[0] == pytest.approx(-23, abs=0.2)


def test_mono_stays_mono(tmp_path: Path) -> None:
    title = two_lines(noise(7 * S, 1))
    mixed = title.mixed(tmp_path)
    rest = mixed.samples("mix") - mixed.samples("dialogue_stem")
    assert rest.shape == (7 * S, 1)
    assert si_sdr(rest, title.background) >= 80
    assert mixed.measurements["loudness_lufs"] == pytest.approx(-23, abs=0.2)


def test_voices_that_overlap_in_the_source_are_both_heard(tmp_path: Path) -> None:
    ana, ben = speech(2 * S, 3, 0.2), speech(2 * S, 6, 0.2)
    title = Title(
        np.zeros((6 * S, 2), np.float32),
        [
            (S, 3 * S, "ana", "dub", speech(2 * S, 0), ana),
            (2 * S, 4 * S, "ben", "dub", speech(2 * S, 1), ben),
        ],
    )
    mixed = title.mixed(tmp_path)
    both = mixed.samples("dialogue_stem")[2 * S : 3 * S, 0]
    power = np.abs(np.fft.rfft(both))
    hz = np.fft.rfftfreq(len(both), 1 / S)
    for fundamental in (170, 230):
        near = np.abs(hz - fundamental) < 3
        assert power[near].max() > 20 * np.median(power)


def test_a_laugh_and_a_song_stay_and_source_words_do_not(tmp_path: Path) -> None:
    laugh, words = speech(S, 2), speech(2 * S, 1)
    title = Title(
        np.zeros((8 * S, 2), np.float32) + noise(8 * S, 2, 0.001),
        [
            (S, 3 * S, "ana", "dub", words, speech(S, 4)),
            (5 * S, 6 * S, "ana", "keep", laugh, None),
        ],
    )
    mixed = title.mixed(tmp_path)
    rest = mixed.samples("mix") - mixed.samples("dialogue_stem")
    inside = slice(5 * S + 600, 6 * S - 600)
    original = (title.background + title.dialogue)[inside]
    assert si_sdr(rest[inside], original) >= 80
    spoken = slice(S, 3 * S)
    assert si_sdr(rest[spoken], title.background[spoken]) >= 60
    assert mixed.plan.kept[0].segment_id == "s0002"
    assert not mixed.samples("dialogue_stem")[5 * S : 6 * S].any()


def test_a_title_without_dubbed_lines_keeps_its_sound(tmp_path: Path) -> None:
    title = Title(noise(3 * S, 2), [(S, 2 * S, "choir", "keep", speech(S), None)])
    mixed = title.mixed(tmp_path)
    whole = title.background + title.dialogue
    inside = np.r_[0:S, S + 600 : 2 * S - 600, 2 * S : 3 * S]
    assert si_sdr(mixed.samples("mix")[inside], whole[inside]) >= 80
    assert not mixed.samples("dialogue_stem").any()
    assert mixed.measurements["lines"] == 0


def test_silence_behind_the_voices_stays_silence(tmp_path: Path) -> None:
    mixed = two_lines(np.zeros((7 * S, 2), np.float32)).mixed(tmp_path)
    mix, stem = mixed.samples("mix"), mixed.samples("dialogue_stem")
    np.testing.assert_allclose(mix, np.repeat(stem, 2, axis=1), atol=2.0**-22)
    assert mixed.measurements["loudness_lufs"] == pytest.approx(-23, abs=0.2)


def test_a_silent_title_stays_silent(tmp_path: Path) -> None:
    mixed = Title(np.zeros((2 * S, 2), np.float32)).mixed(tmp_path)
    assert not mixed.samples("mix").any()
    assert mixed.measurements["gain_db"] == 0
    assert "loudness_lufs" not in mixed.measurements
    assert any("silent" in warning for warning in mixed.warnings)


def test_noise_alone_is_not_raised_without_bound(tmp_path: Path) -> None:
    mixed = Title(noise(2 * S, 2, 0.001)).mixed(tmp_path)
    assert mixed.measurements["gain_db"] == 20
    assert any("LUFS where -23 was asked for" in warning for warning in mixed.warnings)


def test_peaks_are_limited_without_missing_the_loudness(tmp_path: Path) -> None:
    background = noise(10 * S, 2, 0.003)
    background[S :: 2 * S] = 0.8  # clicks 45 dB over the bed
    title = Title(background, parameters={"target_lufs": -30.0, "max_gain_db": 30})
    mixed = title.mixed(tmp_path)
    lufs, peak = ffmpeg_loudness(mixed.path("mix"))
    assert lufs == pytest.approx(-30, abs=0.5)
    assert peak <= -1.4
    assert 0 < mixed.measurements["limited_s"] < 0.5
    away = slice(S + S // 10, 2 * S)
    assert si_sdr(mixed.samples("mix")[away], background[away]) >= 60


def test_dialogue_gating_sets_the_level_of_speech(tmp_path: Path) -> None:
    title = two_lines(noise(12 * S, 2, 0.0005))
    title.parameters = {"target_lufs": -27, "gating": "dialogue"}
    mixed = title.mixed(tmp_path)
    stem = np.repeat(mixed.samples("dialogue_stem"), 2, axis=1)
    spoken = np.concatenate([stem[p.start : p.end] for p in mixed.plan.placements])
    assert signal_lufs(spoken) == pytest.approx(-27, abs=1)


def test_what_did_not_fit_is_measured_and_said(tmp_path: Path) -> None:
    title = Title(
        noise(6 * S, 2),
        [
            (S, 2 * S, "ana", "dub", speech(S), speech(3 * S, 3)),
            (2 * S, 3 * S, "ana", "dub", speech(S, 1), speech(S, 4)),
            (4 * S, 5 * S, "ben", "dub", speech(S, 2), None),
        ],
    )
    mixed = title.mixed(tmp_path)
    assert mixed.measurements["overflow_s"] == pytest.approx(3 / 1.35 - 1, abs=0.001)
    assert mixed.measurements["max_rate"] == pytest.approx(1.35, abs=0.001)
    assert mixed.measurements["lines_to_shorten"] == 1
    assert [entry.segment_id for entry in mixed.plan.shorten] == ["s0001"]
    assert any("s0001: too long" in warning for warning in mixed.warnings)
    assert any("s0003: no take" in warning for warning in mixed.warnings)


def test_subtitles_follow_the_dub(tmp_path: Path) -> None:
    title = Title(
        noise(8 * S, 2),
        [
            (S, 3 * S, "ana", "dub", speech(2 * S), speech(S, 3)),
            (4 * S, 5 * S, "choir", "subtitle", speech(S, 1), None),
            (6 * S, 7 * S, "ana", "dub", speech(S, 1), None),
        ],
    )
    mixed = title.mixed(tmp_path)
    srt = mixed.text("subtitles_srt")
    assert "00:00:01,000 --> 00:00:02,000" in srt
    assert "00:00:04,000 --> 00:00:05,000" in srt
    assert "text 2" in srt
    assert "text 3" not in srt
    assert "00:00:01.000 --> 00:00:02.000" in mixed.text("subtitles_vtt")
    source = mixed.text("source_subtitles_srt")
    assert "00:00:01,000 --> 00:00:03,000" in source
    assert "texto 3" in source


def test_off_screen_lines_may_move_when_faces_are_known(tmp_path: Path) -> None:
    lines = [
        (2 * S, 3 * S, "ana", "dub", speech(S), speech(int(1.4 * S), 3)),
        (3 * S, 4 * S, "ben", "dub", speech(S, 1), speech(S, 4)),
    ]
    title = Title(noise(6 * S, 2), lines)
    assert title.mixed(tmp_path / "unknown").plan.placements[0].start == 2 * S
    title.faces = no_faces(title.frames)
    assert title.mixed(tmp_path / "none").plan.placements[0].start < 2 * S


def test_a_stem_of_another_length_is_refused(tmp_path: Path) -> None:
    title = two_lines(noise(7 * S, 2))
    write_wav(tmp_path / "short.wav", noise(S, 2), S)
    inputs = {"facts": facts(7 * S, 2), "transcript": title.transcript()}
    inputs |= dict.fromkeys(("background", "dialogue", "original"), tmp_path / "short.wav")
    inputs["takes"] = title.takes(tmp_path)
    inputs["lines"] = Lines(source_language="es", target_language="en")
    with pytest.raises(EngineFailed, match="background"):
        run(stage_context(tmp_path, "mix", "fit", {}, inputs))


def test_unknown_parameters_are_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="target_loudness"):
        run(stage_context(tmp_path, "mix", "fit", {"target_loudness": -23}, {}))


def test_memory_does_not_grow_with_the_title(tmp_path: Path) -> None:
    """Peak of what the stage holds, for a title of 12 s and one of 2 minutes."""
    voice = speech(S, 3)

    def peak_of(seconds: int) -> int:
        starts = range(0, seconds * S, 4 * S)
        lines = [(start, start + S, "ana", "dub", voice, voice) for start in starts]
        peaks = []

        def stage(context: StageContext) -> None:
            tracemalloc.start()
            run(context)
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()

        Title(noise(seconds * S, 2), lines).mixed(tmp_path / str(seconds), stage)
        return peaks[0]

    assert peak_of(120) <= 1.25 * peak_of(12)


def test_a_line_that_must_not_be_stretched_keeps_its_length(tmp_path: Path) -> None:
    title = two_lines(noise(7 * S, 2))
    title.lines = [
        (S, 3 * S, "ana", "dub", speech(2 * S, 0, 0.08), speech(int(3.2 * S), 3, 0.3)),
        *title.lines[1:],
    ]
    stretched, _ = title.mixed(tmp_path / "stretched").plan.placements
    assert stretched.stretch < 1
    title.parameters = {"no_stretch": ["s0001"]}
    kept, other = title.mixed(tmp_path / "kept").plan.placements
    assert kept.stretch == 1
    assert kept.overflow > 0
    assert other.start == kept.end


def test_a_full_title_is_stretched_after_all(tmp_path: Path) -> None:
    title = Title(
        noise(3 * S, 2),
        [(0, 2 * S, "ana", "dub", speech(2 * S, 0, 0.1), speech(int(3.5 * S), 3, 0.3))],
        {"no_stretch": ["s0001"]},
    )
    mixed = title.mixed(tmp_path)
    assert mixed.plan.placements[0].stretch < 1
    assert any("stretched after all" in warning for warning in mixed.warnings)
