"""Real clips of every awkward kind are measured right."""

import subprocess
from fractions import Fraction

import numpy as np
import pytest

from airdub.units import parse_rate
from tests.builders import stage_context
from tests.noise_clips import MP4, ffmpeg, make_clip, noise_wav, picture, probed


@pytest.mark.parametrize("rate", ["24000/1001", "30000/1001", "25", "50"])
@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts"])
def test_rates_are_exact_in_every_container(tmp_path, rate, suffix):
    clip = make_clip(tmp_path / f"clip{suffix}", video=picture(rate))
    facts = probed(clip, tmp_path)
    assert facts.video.frame_rate == rate
    assert parse_rate(facts.duration) == facts.video.frames / Fraction(rate)
    assert facts.video.on_grid
    assert not facts.video.variable_rate


def test_a_variable_rate_is_seen_and_measured(tmp_path):
    # every third frame is dropped, none is moved
    clip = make_clip(
        tmp_path / "clip.mp4",
        video=picture("30"),
        options=("-vf", "select=mod(n\\,3)", "-vsync", "vfr", *MP4),
    )
    facts = probed(clip, tmp_path)
    assert facts.video.frames == 40
    assert facts.video.variable_rate
    assert not facts.video.on_grid
    assert facts.video.rate == pytest.approx(20, abs=0.4)


def first_frame(clip, width, height, *options):
    command = ["ffmpeg", "-v", "error", *options, "-i", clip, "-frames:v", "1"]
    done = subprocess.run(
        [*command, "-pix_fmt", "gray", "-f", "rawvideo", "-"], capture_output=True, check=True
    )
    return np.frombuffer(done.stdout, np.uint8).reshape(height, width).astype(float)


@pytest.mark.parametrize("tag", ["90", "180", "270"])
def test_rotation_is_the_clockwise_turn_that_players_make(tmp_path, tag):
    upright, turned = make_clip(tmp_path / "upright.mp4"), tmp_path / "turned.mp4"
    ffmpeg("-i", upright, "-c", "copy", "-metadata:s:v", f"rotate={tag}", turned)
    rotation = probed(turned, tmp_path).video.rotation
    coded = first_frame(turned, 160, 120, "-noautorotate")
    shown = first_frame(turned, *((160, 120) if tag == "180" else (120, 160)))
    assert rotation
    assert np.abs(np.rot90(coded, -rotation // 90) - shown).mean() < 1


def test_ten_bits_and_high_dynamic_range_are_seen(tmp_path):
    hdr = make_clip(
        tmp_path / "hdr.mp4",
        options=(
            *("-c:v", "libx265", "-x265-params", "log-level=none:pools=1", "-preset", "ultrafast"),
            *("-pix_fmt", "yuv420p10le", "-color_primaries", "bt2020"),
            *("-color_trc", "smpte2084", "-colorspace", "bt2020nc", "-c:a", "aac"),
        ),
    )
    video = probed(hdr, tmp_path / "c").video
    assert (video.codec, video.bit_depth, video.hdr) == ("hevc", 10, True)
    assert video.color_primaries == "bt2020"


def test_odd_sizes_and_oblong_pixels_are_handled(tmp_path):
    clip = make_clip(
        tmp_path / "clip.mp4",
        options=("-vf", "format=yuv444p,scale=161:91,setsar=4/3", *MP4, "-pix_fmt", "yuv444p"),
    )
    video = probed(clip, tmp_path).video
    assert (video.width, video.height, video.sample_aspect_ratio) == (161, 91, "4/3")


@pytest.mark.parametrize(("channels", "layout"), [(1, "mono"), (2, "stereo"), (6, "5.1")])
def test_channels_are_what_they_are(tmp_path, channels, layout):
    sound = noise_wav(tmp_path / "sound.wav", channels=channels)
    facts = probed(make_clip(tmp_path / "clip.mp4", audio=sound), tmp_path)
    assert (facts.dubbed_stream.channels, facts.dubbed_stream.layout) == (channels, layout)
    assert facts.dubbed_stream.packets > 90


@pytest.mark.parametrize("offset_ms", [480, -320])
@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_sound_that_begins_later_or_earlier_is_measured(tmp_path, offset_ms, suffix):
    video = picture()
    if offset_ms < 0:
        video = ("-itsoffset", f"{-offset_ms}ms", *video)
    before = ("-itsoffset", f"{max(0, offset_ms)}ms")
    options = ("-vsync", "passthrough", *MP4)
    clip = make_clip(tmp_path / f"clip{suffix}", video=video, before_audio=before, options=options)
    facts = probed(clip, tmp_path)
    assert facts.audio_offset_ticks / 48 == pytest.approx(offset_ms, abs=25)  # priming counts
    assert facts.duration == "2"


def test_several_tracks_chapters_subtitles_and_timecode(tmp_path):
    words, marks = tmp_path / "words.srt", tmp_path / "marks.txt"
    words.write_text("1\n00:00:00,500 --> 00:00:01,000\nHola\n")
    marks.write_text(
        ";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=900\ntitle=Uno\n"
        "[CHAPTER]\nTIMEBASE=1/1000\nSTART=900\nEND=2000\ntitle=Dos\n"
    )
    clip, noise = tmp_path / "clip.mkv", noise_wav(tmp_path / "noise.wav")
    inputs = (*picture(), "-i", noise, "-i", words, "-i", marks)
    maps = ("-map", "0:v", "-map", "1:a", "-map", "1:a", "-map", "2:s", "-map_chapters", "3")
    tags = ("-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=spa")
    tags += ("-metadata:s:s:0", "language=spa", "-metadata", "timecode=10:00:00:00")
    ffmpeg(*inputs, *maps, *tags, *MP4, "-c:s", "srt", clip)
    facts = probed(clip, tmp_path / "a", source_language="es-MX")
    assert [stream.language for stream in facts.audio] == ["eng", "spa"]
    assert facts.dialogue_audio == 1
    assert facts.subtitles == ("spa",)
    assert [chapter.title for chapter in facts.chapters] == ["Uno", "Dos"]
    assert facts.timecode == "10:00:00:00"
    assert probed(clip, tmp_path / "b", audio_stream=0).dialogue_audio == 0


def test_a_track_in_another_language_is_dubbed_with_a_warning(tmp_path):
    from model_images.probe.stage import run

    clip = make_clip(tmp_path / "clip.mp4", options=(*MP4, "-metadata:s:a", "language=fra"))
    context = stage_context(
        tmp_path, "probe", "ffprobe", {"source_language": "en"}, {"source": clip}
    )
    run(context)
    assert context.warnings == [
        "no audio stream is tagged en; the one tagged 'fra' is dubbed",
    ]
    assert context.measurements["frames"] == 50
    assert context.measurements["audio_peak_dbfs"] > -20


@pytest.mark.parametrize(
    "name", ["a b", "\U0001f3ac \u201cq\u201d 'n' \"m\"", "-i", "a:b%03d", "naïve"]
)
def test_any_file_name_is_fine(tmp_path, name):
    clip = make_clip(tmp_path / "clip.mp4")
    renamed = clip.rename(tmp_path / f"{name}.mp4")
    from model_images.probe.stage import Parameters, _measure

    facts, _ = _measure(renamed, Parameters())
    assert facts.video.frames == 50


def test_frames_before_an_edit_do_not_count(tmp_path):
    # copied from the middle of a group of pictures: the first frames are decoded, never shown
    clip, cut = make_clip(tmp_path / "clip.mp4", video=picture(duration_s=4)), tmp_path / "cut.mp4"
    ffmpeg("-ss", "0.6", "-i", clip, "-c", "copy", cut)
    facts = probed(cut, tmp_path)
    assert facts.video.frames == 85
    assert facts.duration == "17/5"


def test_the_same_file_gives_the_same_bytes(tmp_path):
    clip = make_clip(tmp_path / "clip.mp4")
    one, other = (probed(clip, tmp_path / folder).to_json() for folder in "ab")
    assert one == other
