"""Every clip has the fault or the trait that its name says."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from airdub.errors import EngineFailed
from model_images.common.programs import run_program
from tests.media.clips import CLIPS
from tests.media.containers import decode_audio

LOW_EFFECTS = 3
"""Channel of 5.1 of which the encoder keeps the lowest frequencies alone."""


def probed(path: Path, *arguments: str) -> dict[str, Any]:
    shown = ["-show_streams", "-show_format", *arguments, "-of", "json"]
    return json.loads(run_program(["ffprobe", "-v", "error", *shown, str(path)], what="x").stdout)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All clips, built once."""
    made = tmp_path_factory.mktemp("clips")
    for name, build in CLIPS.items():
        build(made / f"{name}.mp4")
    return made


@pytest.mark.parametrize("name", list(CLIPS))
def test_same_bytes_at_every_call_and_nothing_beside(
    name: str, folder: Path, tmp_path: Path
) -> None:
    again = CLIPS[name](tmp_path / f"{name}.mp4")
    assert again.read_bytes() == (folder / f"{name}.mp4").read_bytes()
    assert list(tmp_path.iterdir()) == [again]


@pytest.mark.parametrize(
    ("name", "field", "value"),
    [
        ("film_rate", "avg_frame_rate", "24000/1001"),
        ("ntsc_rate", "avg_frame_rate", "30000/1001"),
        ("odd_size", "width", 161),
        ("odd_size", "height", 121),
        ("hevc_10_bit", "pix_fmt", "yuv420p10le"),
        ("hdr", "color_transfer", "smpte2084"),
        ("two_frames", "nb_frames", "2"),
    ],
)
def test_picture(folder: Path, name: str, field: str, value: object) -> None:
    assert probed(folder / f"{name}.mp4")["streams"][0][field] == value


@pytest.mark.parametrize(("name", "channels"), [("mono", 1), ("plain", 2), ("surround", 6)])
def test_every_channel_has_its_own_tone(folder: Path, name: str, channels: int) -> None:
    sound = decode_audio(folder / f"{name}.mp4")[24_000:72_000]
    loudest = np.abs(np.fft.rfft(sound, axis=0))[1:].argmax(axis=0) + 1  # Hz
    assert sound.shape[1] == channels
    heard = [i for i in range(channels) if i != LOW_EFFECTS]
    assert [loudest[i] for i in heard] == [220 * (i + 1) for i in heard]


def test_variable_rate_has_two_gaps(folder: Path) -> None:
    packets = probed(folder / "variable_rate.mp4", "-show_packets", "-select_streams", "v")
    times = sorted(float(packet["pts_time"]) for packet in packets["packets"])
    gaps = {round(1000 * (b - a)) for a, b in pairwise(times)}
    assert gaps == {33, 67}


def test_rotation_is_in_the_display_matrix(folder: Path) -> None:
    side = probed(folder / "rotated.mp4")["streams"][0]["side_data_list"][0]
    assert abs(side["rotation"]) == 90


def test_streams_that_are_missing(folder: Path) -> None:
    kinds = {
        name: [s["codec_type"] for s in probed(folder / f"{name}.mp4")["streams"]]
        for name in ("no_audio", "no_video")
    }
    assert kinds == {"no_audio": ["video"], "no_video": ["audio"]}


def test_silence_is_silent(folder: Path) -> None:
    assert abs(decode_audio(folder / "silent.mp4")).max() < 1e-4


def test_late_and_short_audio(folder: Path) -> None:
    late = probed(folder / "late_audio.mp4")["streams"][1]
    short = probed(folder / "short_audio.mp4")["streams"][1]
    assert float(late["start_time"]) == pytest.approx(0.5, abs=0.03)
    assert float(short["duration"]) == pytest.approx(1.0, abs=0.03)


@pytest.mark.parametrize("name", ["text", "empty", "no_index"])
def test_some_can_not_be_opened(folder: Path, name: str) -> None:
    with pytest.raises(EngineFailed):
        probed(folder / f"{name}.mp4")


def test_truncated_opens_and_then_breaks(folder: Path) -> None:
    path = folder / "truncated.mp4"
    assert probed(path)["streams"][0]["nb_frames"] == "50"
    counted = probed(path, "-count_packets")["streams"][0]
    assert int(counted["nb_read_packets"]) < 50


def test_header_claims_four_hours(folder: Path) -> None:
    found = probed(folder / "four_hours.mp4", "-count_packets")
    assert float(found["format"]["duration"]) == 4 * 3600
    assert int(found["streams"][0]["nb_read_packets"]) == 50
