"""What a finished file holds, on small files whose content is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.media import clips, containers


def test_streams_frames_and_languages_are_listed(tmp_path: Path) -> None:
    tags = ["-metadata:s:a:0", "language=kor"]
    found = containers.describe(clips.plain(tmp_path / "a.mp4", output=tags))
    assert found["frames"] == 50
    assert found["duration_s"] == pytest.approx(2.0, abs=0.03)
    audio = found["streams"][1]
    assert (audio["type"], audio["codec"], audio["language"]) == ("audio", "aac", "kor")
    assert audio["default"]


def test_chapters_are_listed(tmp_path: Path) -> None:
    found = containers.describe(clips.chapters(tmp_path / "a.mp4"))["chapters"]
    assert [(c["start_s"], c["end_s"], c["title"]) for c in found] == [
        (0.0, 1.0, "Opening"),
        (1.0, 2.0, "Ending"),
    ]


@pytest.mark.parametrize("flags", [[], ["-movflags", "+faststart"]])
def test_faststart_is_where_the_index_lies(tmp_path: Path, flags: list[str]) -> None:
    clip = clips.plain(tmp_path / "a.mp4", output=flags)
    assert containers.is_faststart(clip) == bool(flags)


def test_a_copied_track_has_the_same_packets_and_an_encoded_one_has_not(tmp_path: Path) -> None:
    clip = clips.plain(tmp_path / "a.mp4")
    copied = clips.ffmpeg(["-i", str(clip), "-c", "copy"], tmp_path / "b.mp4")
    encoded = clips.ffmpeg(
        ["-i", str(clip), "-c:v", "copy", "-c:a", "aac", "-b:a", "64k"], tmp_path / "c.mp4"
    )
    hashes = [containers.packet_hashes(path, 0) for path in (clip, copied, encoded)]
    assert len(hashes[0]) == 95
    assert hashes[0] == hashes[1]
    assert hashes[0] != hashes[2]


def test_loudness_of_a_known_tone(tmp_path: Path) -> None:
    """EBU Tech 3341 case 1: a stereo sine of 1 kHz at -23 dBFS has -23 LUFS and peaks there."""
    level = 10 ** (-23 / 20)
    source = f"aevalsrc=exprs={level}*sin(2000*PI*t)|{level}*sin(2000*PI*t):s=48000:d=4"
    tone = clips.ffmpeg(["-f", "lavfi", "-i", source], tmp_path / "a.wav")
    found = containers.loudness(tone)
    assert found["integrated_lufs"] == pytest.approx(-23.0, abs=0.11)
    assert found["true_peak_dbtp"] == pytest.approx(-23.0, abs=0.15)


def test_silence_has_a_number_for_its_level(tmp_path: Path) -> None:
    assert containers.loudness(clips.silent(tmp_path / "a.mp4"))["true_peak_dbtp"] <= -90


def test_sound_is_decoded_on_the_files_clock(tmp_path: Path) -> None:
    """A stream that begins half a second late begins there in the samples."""
    sound = containers.decode_audio(clips.late_audio(tmp_path / "a.mp4"))
    loud = np.flatnonzero(np.abs(sound[:, 0]) > 0.05)
    assert sound.shape[1] == 2
    assert loud[0] / containers.RATE_HZ == pytest.approx(0.5, abs=0.03)
