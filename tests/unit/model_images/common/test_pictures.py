"""Pictures come upright, numbered, and at the times that the file has."""

import subprocess
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from airdub.errors import InvalidInput
from airdub.media import VideoFacts
from model_images.common.pictures import Layout, layout_of, read_pictures
from tests.media.clips import CLIPS
from tests.talking_clips import probed


def video(**changes) -> VideoFacts:
    values = {"index": 0, "codec": "h264", "width": 160, "height": 120, "frame_rate": "25/1",
              "time_base": "1/12800", "frames": 50, "pixel_format": "yuv420p"}  # fmt: skip
    return VideoFacts(**(values | changes))


def clip(name: str, folder: Path) -> Path:
    return CLIPS[name](folder / f"{name}.mp4")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, Layout(160, 120, "yuv420p")),
        ({"pixel_format": "yuvj420p"}, Layout(160, 120, "yuv420p")),
        ({"pixel_format": "nv12"}, Layout(160, 120, "yuv420p")),
        ({"pixel_format": "yuv422p"}, Layout(160, 120, "yuv422p")),
        ({"pixel_format": "yuv444p", "width": 161}, Layout(161, 120, "yuv444p")),
        ({"pixel_format": "rgb24"}, Layout(160, 120, "yuv444p")),
        ({"width": 161, "height": 121}, Layout(161, 121, "yuv444p")),
        ({"pixel_format": "yuv422p", "height": 121}, Layout(160, 121, "yuv422p")),
        ({"rotation": 90}, Layout(120, 160, "yuv420p", 1)),
        ({"rotation": 180}, Layout(160, 120, "yuv420p", 2)),
        ({"rotation": 270, "pixel_format": "yuv422p"}, Layout(120, 160, "yuv444p", 3)),
    ],
)
def test_layout(changes, expected):
    assert layout_of(video(**changes)) == expected


def test_times_of_a_variable_rate_are_the_files_own(tmp_path):
    source = clip("variable_rate", tmp_path)
    facts = probed(source, tmp_path / "probe").video
    pictures = list(read_pictures(source, facts))
    gaps = np.diff([picture.tick for picture in pictures])
    assert facts.variable_rate
    assert [picture.index for picture in pictures] == list(range(facts.frames))
    assert set(gaps) == {1600, 3200}  # 33 and 67 ms
    assert pictures[0].tick == 0
    base = Fraction(facts.time_base)
    assert [p.tick for p in pictures] == [
        round((p.pts - pictures[0].pts) * base * 48_000) for p in pictures
    ]


@pytest.mark.parametrize("name", ["rotated", "odd_size", "plain"])
def test_pixels_are_those_that_a_player_shows(name, tmp_path):
    source = clip(name, tmp_path)
    picture = next(read_pictures(source, probed(source, tmp_path / "probe").video))
    height, width = picture.layout.height, picture.layout.width
    command = ["ffmpeg", "-v", "error", "-i", source, "-frames:v", "1", "-f", "rawvideo"]
    shown = subprocess.run([*command, "-pix_fmt", "rgb24", "-"], capture_output=True, check=True)
    reference = np.frombuffer(shown.stdout, np.uint8).reshape(height, width, 3)
    # Colour at odd edges is interpolated in two ways; a wrong turn differs by more than 40.
    assert np.abs(picture.rgb.astype(int) - reference).mean() < 5
    luma, *chroma = picture.planes
    assert luma.shape == (height, width)
    across, down = picture.layout.chroma_step
    assert {plane.shape for plane in chroma} == {(height // down, width // across)}


def test_planes_of_a_frame_that_needs_no_change_are_the_decoders_own(tmp_path):
    source = clip("plain", tmp_path)
    picture = next(read_pictures(source, probed(source, tmp_path / "probe").video))
    raw = picture.frame.to_ndarray()
    assert np.array_equal(picture.planes[0], raw[:120])
    assert np.array_equal(picture.planes[1].ravel(), raw[120:150].ravel())


def test_a_file_that_changes_its_size_is_refused(tmp_path):
    source = clip("plain", tmp_path)
    facts = video(width=320)
    with pytest.raises(InvalidInput, match=r"plain\.mp4, frame 0: .* from 320x120 to 160x120"):
        list(read_pictures(source, facts))


def test_data_that_is_no_video_is_refused(tmp_path):
    source = tmp_path / "noise.mp4"
    source.write_bytes(np.random.default_rng(0).bytes(4096))
    with pytest.raises(InvalidInput, match=r"noise\.mp4, frame 0: the video can't be decoded"):
        list(read_pictures(source, video()))
