"""Extended language tags are added without moving a byte of media out of its place."""

import subprocess

import pytest

from airdub.errors import EngineFailed
from model_images.common.boxes import file_boxes
from model_images.mux.mp4_tracks import extended_languages, write_track_tags
from tests.noise_clips import entry, ffmpeg, make_clip, noise_wav


def packets(path):
    """Hash of every stream's packets."""
    command = ["ffmpeg", "-v", "error", "-i", path, "-map", "0", "-c", "copy", "-f", "streamhash"]
    return subprocess.run([*command, "-"], capture_output=True, check=True).stdout


@pytest.fixture
def fast(tmp_path):
    words, path = tmp_path / "words.srt", tmp_path / "fast.mp4"
    words.write_text("1\n00:00:00,500 --> 00:00:01,000\nHola\n")
    clip, noise = make_clip(tmp_path / "clip.mp4"), noise_wav(tmp_path / "noise.wav")
    maps = ("-map", "0:v", "-map", "0:a", "-map", "1:a", "-map", "2:s")
    codecs = ("-c:v", "copy", "-c:a", "aac", "-c:s", "mov_text", "-movflags", "+faststart")
    ffmpeg("-i", clip, "-i", noise, "-i", words, *maps, *codecs, path)
    return path


def test_tags_are_written_where_three_letters_do_not_say_all(fast):
    before = packets(fast)
    write_track_tags(fast, [None, "es-419", "en", "zh-Hant-TW"])
    assert extended_languages(fast) == ["", "es-419", "", "zh-Hant-TW"]
    assert packets(fast) == before
    boxes = file_boxes(fast)
    assert [box.kind for box in boxes] == [b"ftyp", b"moov", b"free", b"mdat"]
    assert boxes[-1].end == fast.stat().st_size


def test_subtitles_are_not_switched_on(fast):
    assert entry(fast, "s:0", "stream_disposition=default") == "1"
    write_track_tags(fast, [None, "es", "en", "es"])
    assert entry(fast, "s:0", "stream_disposition=default") == "0"
    assert extended_languages(fast) == ["", "", "", ""]


def test_an_index_at_the_end_is_refused(tmp_path):
    clip = make_clip(tmp_path / "clip.mp4")
    with pytest.raises(EngineFailed, match="not in front"):
        write_track_tags(clip, [None, "es-419"])
