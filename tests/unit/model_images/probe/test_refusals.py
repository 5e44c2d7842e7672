"""What can't be dubbed is refused: exit 65, and the message names file, field and remedy."""

import struct
from pathlib import Path

import pytest

from airdub.errors import InvalidInput
from model_images.probe.stage import run
from tests.builders import stage_context
from tests.noise_clips import MP4, ffmpeg, make_clip, noise_wav, picture

REMEDY = "What to do: "


def refusal(source: Path, **parameters) -> str:
    """The message that the stage refuses the file with; nothing was published."""
    context = stage_context(
        source.parent / "work", "probe", "ffprobe", parameters, {"source": source}
    )
    with pytest.raises(InvalidInput) as caught:
        run(context)
    assert caught.value.exit_code == 65
    assert f"source{source.suffix}: " in str(caught.value)
    assert REMEDY in str(caught.value)
    assert not list(context.scratch.parent.glob("outputs/*"))
    return str(caught.value)


@pytest.fixture
def clip(tmp_path):
    return make_clip(tmp_path / "clip.mp4")


@pytest.fixture
def faststart(clip, tmp_path):
    ffmpeg("-i", clip, "-c", "copy", "-movflags", "+faststart", tmp_path / "fast.mp4")
    return tmp_path / "fast.mp4"


def cut(source: Path, share: float, name: str) -> Path:
    data = source.read_bytes()
    path = source.with_name(name)
    path.write_bytes(data[: int(len(data) * share)])
    return path


def test_an_empty_file(tmp_path):
    path = tmp_path / "film.mp4"
    path.touch()
    assert "size: the file is empty (0 bytes)" in refusal(path)


@pytest.mark.parametrize("text", ["Dear sir,\nhere is the film.", "ñandú \U0001f3ac " * 999])
def test_a_text_named_mp4(tmp_path, text):
    path = tmp_path / "film.mp4"
    path.write_text(text)
    message = refusal(path)
    assert f"container: the file is text, not a video; it begins with {text[:9]!r}"[:-1] in message
    assert "supply a video" in message


def test_bytes_of_no_container(tmp_path):
    path = tmp_path / "film.mp4"
    path.write_bytes(bytes(range(256)) * 40)
    assert "container: the file is in no container that airdub reads" in refusal(path)


def test_a_playlist_named_mp4(clip, tmp_path):
    path = tmp_path / "film.mp4"
    path.write_text(f"ffconcat version 1.0\nfile {clip}\n")
    assert "container: the file is text" in refusal(path)


@pytest.mark.parametrize("share", [0.3, 0.97])
def test_a_file_cut_off_in_its_media(faststart, share):
    message = refusal(cut(faststart, share, "cut.mp4"))
    assert "box mdat: the file is cut off" in message
    assert "ffmpeg -i" in message


def test_a_file_cut_off_in_front_of_its_index(clip):
    assert "cut off" in refusal(cut(clip, 0.5, "cut.mp4"))


def test_a_file_without_index(tmp_path, faststart):
    path = tmp_path / "unfinished.mp4"
    data = bytearray(faststart.read_bytes())
    place = data.index(b"moov")
    data[place : place + 4] = b"free"
    path.write_bytes(data)
    assert "box moov: the file has no index (moov box)" in refusal(path)


def test_a_matroska_file_cut_off(tmp_path):
    whole = make_clip(tmp_path / "whole.mkv", video=picture(duration_s=4))
    message = refusal(cut(whole, 0.6, "cut.mkv"))
    assert "format.duration: the header claims 0:00:04.0" in message


def test_four_hours_claimed_by_an_mp4_header(clip, tmp_path):
    data = bytearray(clip.read_bytes())
    header = data.index(b"mvhd") + 4
    (clock_hz,) = struct.unpack_from(">I", data, header + 12)
    struct.pack_into(">I", data, header + 16, 4 * 3600 * clock_hz)
    path = tmp_path / "long.mp4"
    path.write_bytes(data)
    message = refusal(path)
    assert "format.duration: the header claims 4:00:00.000" in message
    assert "the packets end at 0:00:02.0" in message


def test_four_hours_claimed_by_a_matroska_header(tmp_path):
    data = bytearray(make_clip(tmp_path / "clip.mkv").read_bytes())
    struct.pack_into(">d", data, data.index(b"\x44\x89\x88") + 3, 4 * 3600 * 1000.0)
    path = tmp_path / "long.mkv"
    path.write_bytes(data)
    assert "format.duration: the header claims 4:00:00.000" in refusal(path)


def test_no_audio_stream(tmp_path):
    path = tmp_path / "mute.mp4"
    ffmpeg(*picture(), *MP4, path)
    assert "audio stream: there is no audio stream" in refusal(path)


def test_no_video_stream(tmp_path):
    path = tmp_path / "radio.mp4"
    ffmpeg("-i", noise_wav(tmp_path / "noise.wav"), "-c:a", "aac", path)
    assert "video stream: there is no video stream" in refusal(path)


def test_cover_art_is_no_video_stream(tmp_path):
    cover, path = tmp_path / "cover.png", tmp_path / "song.mp4"
    ffmpeg(*picture(), "-frames:v", "1", cover)
    inputs = ("-i", noise_wav(tmp_path / "noise.wav"), "-i", cover, "-map", "0", "-map", "1")
    ffmpeg(*inputs, "-c:a", "aac", "-c:v", "copy", "-disposition:v", "attached_pic", path)
    assert "there is no video stream (cover art doesn't count)" in refusal(path)


@pytest.mark.parametrize(
    ("sound", "level"),
    [
        ("anullsrc=r=48000:d=2", "digital silence"),
        ("aevalsrc=0.0002*sin(2*PI*440*t):s=48000:d=2", "a peak of -7"),
    ],
)
def test_pure_silence(tmp_path, sound, level):
    path = tmp_path / "silent.mkv"
    ffmpeg(*picture(), "-f", "lavfi", "-i", sound, *MP4, "-c:a", "pcm_s16le", path)
    message = refusal(path)
    assert f"audio stream 0: it is silent ({level}" in message
    assert "audio_stream" in message


@pytest.mark.parametrize("frames", [1, 2])
def test_a_one_or_two_frame_video(tmp_path, frames):
    path = make_clip(tmp_path / "still.mp4", video=picture(duration_s=frames / 25))
    assert f"video frames: the video has {frames} frame" in refusal(path)


def test_less_than_half_a_second(tmp_path):
    path = make_clip(tmp_path / "blink.mp4", options=(*MP4, "-t", "0.2"))
    assert "duration: the video is 0.200 s long; 0.5 s to 43200 s can be dubbed" in refusal(path)


def test_longer_than_what_is_accepted(clip):
    assert "duration: the video is 2.000 s long" in refusal(clip, longest_s=1.5)


def test_a_tiny_picture(tmp_path):
    path = make_clip(tmp_path / "tiny.mp4", video=picture(size="8x8"))
    assert "width and height: the picture is 8x8 pixels" in refusal(path)


def test_time_stamps_that_jump_back(tmp_path):
    # two recordings glued together byte by byte, as some recorders do
    one = make_clip(tmp_path / "one.ts", video=picture(duration_s=4))
    glued = tmp_path / "glued.ts"
    glued.write_bytes(one.read_bytes() * 2)
    assert "time stamps: the time stamps of stream 0 jump back by" in refusal(glued)


def test_an_encrypted_file(clip, tmp_path):
    path = tmp_path / "locked.mp4"
    key = ("-encryption_key", "76a6c65c5ea762046bd749a2e632ccbb")
    name = ("-encryption_kid", "a7e61c373e219033c21091fa607bf3b8")
    ffmpeg("-i", clip, "-c", "copy", "-encryption_scheme", "cenc-aes-ctr", *key, *name, path)
    message = refusal(path)
    assert "the streams are encrypted" in message
    assert "without copy protection" in message


def test_an_index_over_zeros(faststart, tmp_path):
    # a download that reserved its space and never came
    data = bytearray(faststart.read_bytes())
    media = data.index(b"mdat") + 4
    data[media:] = bytes(len(data) - media)
    path = tmp_path / "zeros.mp4"
    path.write_bytes(data)
    assert "video frames: the video has no frames to show" in refusal(path)


def test_zeros_from_the_middle_on(tmp_path, faststart):
    data = bytearray(faststart.read_bytes())
    middle = len(data) // 3
    data[middle:] = bytes(len(data) - middle)
    path = tmp_path / "zeros.mp4"
    path.write_bytes(data)
    assert "video stream: no picture can be decoded at the end of the file" in refusal(path)


def test_an_audio_stream_that_is_not_there(clip):
    message = refusal(clip, audio_stream=3)
    assert "parameter audio_stream: there is no audio stream 3; the file has 1" in message
