"""Frames keep their times, their colour tags and (nearly) their pixels; the bytes never vary."""

from fractions import Fraction

import av
import numpy as np
import pytest

from model_images.common.frames import frame_table
from model_images.common.pictures import read_pictures
from model_images.lipsync.encode import ChunkWriter, ColourTags, edges_of, scale_of
from model_images.lipsync.stitch import Part, stitch
from tests.media.clips import CLIPS, ffmpeg, picture
from tests.talking_clips import probed


def rewritten(source, target, folder, chunk=20):
    """The clip through the encoder in chunks of so many frames, without a change; and its facts."""
    facts = probed(source, folder)
    pictures = list(read_pictures(source, facts.video))
    parts, delays = [], []
    for first in range(0, len(pictures), chunk):
        path = folder / f"{first}.mp4"
        with ChunkWriter(path, facts.video, ColourTags.of(pictures[0])) as writer:
            for each in pictures[first : first + chunk]:
                writer.write(each, each.planes)
        parts.append(Part(path, (first, min(first + chunk, len(pictures)))))
        delays.append(writer.delay)
    pts = frame_table(source, facts.video).pts
    edges = edges_of(pts, facts.video, facts.duration_ticks)
    stitch(parts, target, edges, scale=scale_of(facts.video), delay=max(delays))
    return facts


def shown(path):
    """Exact times and luma of all frames, the stream's end, and the stream."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        frames = [
            (f.pts * f.time_base, f.to_ndarray(format="gray")) for f in container.decode(stream)
        ]
        end = (stream.start_time + stream.duration) * stream.time_base
        return [time for time, _ in frames], [luma for _, luma in frames], end, stream


@pytest.mark.parametrize("name", ["plain", "variable_rate", "odd_size"])
def test_times_and_pictures_are_the_sources(name, tmp_path):
    source = CLIPS[name](tmp_path / f"{name}.mp4")
    target = tmp_path / "out.mp4"
    rewritten(source, target, tmp_path / "probe")
    times, pictures, end, _ = shown(source)
    new_times, new_pictures, new_end, stream = shown(target)
    assert new_times == times
    assert new_end == end
    assert stream.codec_context.name == "h264"
    for old, new in zip(pictures, new_pictures, strict=True):
        error = np.square(old.astype(float) - new).mean()
        assert 10 * np.log10(255**2 / error) > 40


def test_a_start_that_is_not_zero_is_kept(tmp_path):
    source, target = tmp_path / "late.ts", tmp_path / "out.mp4"
    inputs = [*picture(), "-f", "lavfi", "-i", "sine=d=2"]
    ffmpeg([*inputs, "-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac"], source)
    rewritten(source, target, tmp_path / "probe")
    times = shown(target)[0]
    assert times == shown(source)[0]
    assert times[0] > 1


def test_colour_tags_and_the_shape_of_pixels_are_carried_over(tmp_path):
    source, target = tmp_path / "tagged.mp4", tmp_path / "out.mp4"
    tags = ["-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709"]
    video = ["-vf", "setsar=4/3", "-c:v", "libx264", "-pix_fmt", "yuvj420p", *tags]
    ffmpeg([*picture(), "-f", "lavfi", "-i", "sine=d=2", *video, "-c:a", "aac"], source)
    rewritten(source, target, tmp_path / "probe")
    old, new = (shown(path)[3].codec_context for path in (source, target))
    for tag in ("color_range", "colorspace", "color_primaries", "color_trc"):
        assert getattr(new, tag) == getattr(old, tag)
    assert new.color_range == 2  # full
    assert new.sample_aspect_ratio == old.sample_aspect_ratio == Fraction(4, 3)


RGB = {
    "x264.mp4": ("libx264rgb", "rgb24"),
    "ffv1.mkv": ("ffv1", "bgr0"),
    "png.mov": ("png", "rgb24"),
    "full.mov": ("mjpeg", "yuvj420p"),
}


@pytest.mark.parametrize("name", RGB)
def test_colours_stay_whatever_numbers_they_are_stored_in(name, tmp_path):
    codec, pixel_format = RGB[name]
    source, target = tmp_path / name, tmp_path / "out.mp4"
    size = "161x121" if name == "full.mov" else "160x120"  # odd: it becomes 4:4:4
    video = ["-c:v", codec, "-pix_fmt", pixel_format]
    ffmpeg([*picture(size), "-f", "lavfi", "-i", "sine=d=2", *video], source)
    rewritten(source, target, tmp_path / "probe")
    with av.open(str(source)) as old, av.open(str(target)) as new:
        for before, after in zip(old.decode(video=0), new.decode(video=0), strict=True):
            apart = before.to_ndarray(format="rgb24").astype(int) - after.to_ndarray(format="rgb24")
            assert np.abs(apart.mean(axis=(0, 1))).max() < 2
            assert np.abs(apart).mean() < 4
            assert int(after.colorspace) != 0


def test_a_turned_picture_comes_upright_with_its_pixels_turned_too(tmp_path):
    flat, source, target = (tmp_path / name for name in ("flat.mp4", "turned.mp4", "out.mp4"))
    video = ["-vf", "setsar=4/3", "-c:v", "libx264", "-pix_fmt", "yuv420p"]
    ffmpeg([*picture(), "-f", "lavfi", "-i", "sine=d=2", *video, "-c:a", "aac"], flat)
    ffmpeg(["-i", str(flat), "-c", "copy", "-metadata:s:v:0", "rotate=90"], source)
    rewritten(source, target, tmp_path / "probe")
    stream = shown(target)[3]
    assert (stream.width, stream.height) == (120, 160)
    assert stream.codec_context.sample_aspect_ratio == Fraction(3, 4)


def test_the_same_pictures_give_the_same_bytes(tmp_path):
    source = CLIPS["plain"](tmp_path / "plain.mp4")
    for name in ("a.mp4", "b.mp4"):
        rewritten(source, tmp_path / name, tmp_path / "probe" / name)
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


def test_leaving_without_a_picture_does_no_harm(tmp_path):
    source = CLIPS["plain"](tmp_path / "plain.mp4")
    facts = probed(source, tmp_path / "probe")
    tags = ColourTags.of(next(read_pictures(source, facts.video)))
    with ChunkWriter(tmp_path / "out.mp4", facts.video, tags) as writer:
        pass
    assert writer.delay == 0
