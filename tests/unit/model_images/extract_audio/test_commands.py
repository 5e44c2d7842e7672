"""The ffmpeg call, on exact values."""

from pathlib import Path

import pytest

from airdub.media import AudioFacts, MediaFacts, VideoFacts
from model_images.extract_audio.commands import (
    extract_arguments,
    filter_graph,
    mono_mix,
    original_codec,
    sample_count,
)


def sound(layout="stereo", channels=2, sample_format="fltp"):
    return AudioFacts(
        index=1,
        codec="aac",
        sample_rate_hz=44_100,
        channels=channels,
        layout=layout,
        sample_format=sample_format,
    )


def facts(stream):
    video = VideoFacts(
        index=0,
        codec="h264",
        width=160,
        height=120,
        frame_rate="25",
        time_base="1/12800",
        start="169/5120",
        frames=50,
        pixel_format="yuv420p",
    )
    return MediaFacts(container="mov", duration="2", video=video, audio=(stream,))


def test_one_decode_is_split_three_ways_and_each_is_aligned_to_the_sample():
    common = "async=1:first_pts=0:min_comp=0.000001:min_hard_comp=0.025"
    assert filter_graph(sound(), 96_000).split(";") == [
        "[0:1]asplit=2[full][down]",
        f"[full]aresample=48000:{common},apad=whole_len=96000,atrim=end_sample=96000[original]",
        "[down]pan=mono|c0=0.5*FL+0.5*FR,asplit=2[down_44k][down_16k]",
        f"[down_44k]aresample=44100:{common},apad=whole_len=88200,atrim=end_sample=88200[mono_44k]",
        f"[down_16k]aresample=16000:{common},apad=whole_len=32000,atrim=end_sample=32000[mono_16k]",
    ]


def test_the_picture_s_start_is_moved_to_zero_and_outputs_are_repeatable():
    outputs = {"original": Path("/out/original.wav"), "mono_16k": Path("/out/mono.wav")}
    arguments = extract_arguments(Path("/in/film.mp4"), facts(sound()), outputs)
    assert arguments[0] == "-copyts"
    offset = arguments.index("-itsoffset")
    assert arguments[offset + 1 : offset + 4] == ["-33008us", "-i", "file:/in/film.mp4"]
    first = arguments[arguments.index("-map") :]
    assert first[:4] == ["-map", "[original]", "-c:a", "pcm_f32le"]
    assert first.count("+bitexact") == 6
    assert first[-4:] == ["auto", "-f", "wav", "file:/out/mono.wav"]


@pytest.mark.parametrize(
    ("layout", "channels", "mix"),
    [
        ("mono", 1, "1*c0"),
        ("stereo", 2, "0.5*FL+0.5*FR"),
        ("5.1", 6, "0.6*FC+0.2*FL+0.2*FR"),
        ("5.1(side)", 6, "0.6*FC+0.2*FL+0.2*FR"),
        ("7.1(wide)", 8, "0.6*FC+0.2*FL+0.2*FR"),
        ("quad", 4, "0.5*FL+0.5*FR"),
        ("", 4, "0.25*c0+0.25*c1+0.25*c2+0.25*c3"),
    ],
)
def test_the_mono_mix_favours_the_centre_and_never_clips(layout, channels, mix):
    assert mono_mix(sound(layout, channels)) == mix


@pytest.mark.parametrize(
    ("sample_format", "codec"),
    [("fltp", "pcm_f32le"), ("dbl", "pcm_f32le"), ("s16", "pcm_s24le"), ("s32p", "pcm_s24le")],
)
def test_samples_are_kept_as_exactly_as_they_came(sample_format, codec):
    assert original_codec(sound(sample_format=sample_format)) == codec


def test_sample_counts_are_rounded_once():
    assert sample_count("original", 100_101) == 100_101
    assert sample_count("mono_44k", 100_101) == 91_968  # 91967.8
    assert sample_count("mono_16k", 100_101) == 33_367
