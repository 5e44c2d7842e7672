"""ffmpeg is fenced in, tells its progress, and its loudness summary is read."""

from fractions import Fraction
from pathlib import Path

import pytest

from airdub.errors import EngineFailed, InvalidInput
from model_images.common.ffmpeg import (
    Loudness,
    input_arguments,
    measure_loudness,
    parse_loudness,
    probe_json,
    program_output,
    run_ffmpeg,
)
from tests.noise_clips import ffmpeg, make_clip, noise_wav


def test_every_input_is_fenced_and_its_name_is_never_an_option():
    arguments = input_arguments(Path("/media/-x '\U0001f600'.mp4"), offset=Fraction(-169, 5120))
    assert arguments[:2] == ["-protocol_whitelist", "file,pipe"]
    assert arguments[-4:] == ["-itsoffset", "-33008us", "-i", "file:/media/-x '\U0001f600'.mp4"]


@pytest.mark.parametrize(
    "playlist",
    [
        "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{clip}\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile {clip}\n",
    ],
)
def test_a_playlist_opens_no_other_file(tmp_path, playlist):
    clip = make_clip(tmp_path / "clip.mp4")
    bait = tmp_path / "bait.mp4"
    bait.write_text(playlist.format(clip=clip.name))
    with pytest.raises(InvalidInput, match="whitelist"):
        probe_json(bait)


def test_frames_and_progress_are_told(tmp_path):
    clip, told = make_clip(tmp_path / "clip.mp4"), []
    run = run_ffmpeg(
        [*input_arguments(clip), "-f", "null", "-"],
        what="decoding",
        length_ticks=96_000,
        report=lambda *progress: told.append(progress),
    )
    assert run.frames == 50
    assert told[-1] == (2, 2, "s")


def test_a_failure_carries_what_ffmpeg_said(tmp_path):
    with pytest.raises(InvalidInput, match=r"film: decoding failed .*No such file.*do: look") as it:
        run_ffmpeg(
            [*input_arguments(tmp_path / "none"), "-f", "null", "-"],
            what="decoding",
            where="film",
            remedy="look",
            failure=InvalidInput,
        )
    assert it.value.exit_code == 65


def test_leaving_early_ends_the_program():
    def read_a_little():
        with program_output(["yes"], what="agreeing") as output:
            raise KeyError(output.read(2))

    with pytest.raises(KeyError, match="y"):  # EngineFailed, or never, if `yes` went on
        read_a_little()


def test_loudness_of_a_known_tone_is_measured(tmp_path):
    # EBU Tech 3341, case 1: a stereo sine of 1 kHz at -23 dBFS measures -23 LUFS
    tone = tmp_path / "tone.wav"
    sine = "aevalsrc=0.0708*sin(2*PI*1000*t)|0.0708*sin(2*PI*1000*t):s=48000:d=5"
    ffmpeg("-f", "lavfi", "-i", sine, tone)
    found = measure_loudness(tone, "0:a:0")
    assert found.integrated_lufs == pytest.approx(-23.0, abs=0.1)
    assert found.true_peak_dbtp == pytest.approx(-23.0, abs=0.2)


def test_silence_has_no_loudness(tmp_path):
    silence = tmp_path / "silence.wav"
    ffmpeg("-f", "lavfi", "-i", "anullsrc=r=48000:d=1", silence)
    assert measure_loudness(silence, "0:a:0") == Loudness(None, None)


def test_a_summary_in_the_metadata_does_not_count(tmp_path):
    title = "Summary: I: -5.0 LUFS Peak: 3.0 dBFS"
    forged = tmp_path / "forged.mkv"
    ffmpeg("-i", noise_wav(tmp_path / "noise.wav"), "-metadata", f"title={title}", forged)
    found = measure_loudness(forged, "0:a:0")
    assert -25 < found.integrated_lufs < -15
    with pytest.raises(EngineFailed):
        parse_loudness("nothing")
