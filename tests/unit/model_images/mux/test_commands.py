"""The ffmpeg call of the deliverable, on exact values."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from airdub.media import AudioFacts, Chapter, MediaFacts, VideoFacts
from model_images.mux.commands import (
    NewPicture,
    Plan,
    Subtitles,
    aac_bits_per_second,
    mux_arguments,
    why_not_mp4,
)


def facts(*, codec="h264", sound="aac", chapters=(), **video):
    values = {
        "index": 0,
        "codec": codec,
        "width": 160,
        "height": 90,
        "frame_rate": "24000/1001",
        "time_base": "1/24000",
        "start": "1/2",
        "frames": 48,
        "pixel_format": "yuv420p",
    }
    stream = AudioFacts(index=3, codec=sound, sample_rate_hz=48_000, channels=2, layout="stereo")
    return MediaFacts(
        container="mov",
        duration="1001/500",
        video=VideoFacts(**(values | video)),
        audio=(stream,),
        chapters=chapters,
    )


def plan(source_facts=None, picture=None):
    return Plan(
        source=Path("/in/film.mp4"),
        facts=source_facts or facts(),
        source_language="en",
        target_language="es-419",
        dub=Path("/in/mix.wav"),
        dub_channels=2,
        picture=picture,
        subtitles=(Subtitles(Path("/in/es.srt"), "es-419"), Subtitles(Path("/in/en.srt"), "en")),
    )


LIPS = NewPicture(Path("/in/lips.mp4"), "h264", Fraction(1, 2))


def values(arguments, option):
    return [arguments[at + 1] for at, name in enumerate(arguments) if name == option]


def test_picture_and_original_are_copied_and_only_the_dub_is_encoded():
    arguments = mux_arguments(plan(), Path("/out/film.mp4"), mp4=True)
    assert arguments[0] == "-copyts"
    assert values(arguments, "-itsoffset") == ["-500000us"]
    assert values(arguments, "-i") == [
        "file:/in/film.mp4",
        "file:/in/mix.wav",
        "file:/in/es.srt",
        "file:/in/en.srt",
    ]
    assert values(arguments, "-map") == ["0:0", "1:a:0", "0:3", "2:s:0", "3:s:0"]
    assert values(arguments, "-c") == ["copy"]
    assert values(arguments, "-c:a:0") == ["aac"]
    assert values(arguments, "-b:a:0") == ["192000"]
    assert values(arguments, "-c:s") == ["mov_text"]
    assert values(arguments, "-movflags") == ["+faststart"]
    assert "-bsf:v" not in arguments
    assert "-filter:a:0" not in arguments
    assert arguments[-1] == "file:/out/film.mp4"


def test_tracks_say_their_language_and_the_dub_is_the_default():
    arguments = mux_arguments(plan(), Path("/out/film.mp4"), mp4=True)
    languages = {
        name.removeprefix("-metadata:s:"): arguments[at + 1]
        for at, name in enumerate(arguments)
        if name.startswith("-metadata:s:") and arguments[at + 1].startswith("language=")
    }
    assert languages == {
        "v:0": "language=und",
        "a:0": "language=spa",
        "a:1": "language=eng",
        "s:0": "language=spa",
        "s:1": "language=eng",
    }
    assert values(arguments, "-disposition:a:0") == ["default+dub"]
    assert values(arguments, "-disposition:a:1") == ["original"]
    assert values(arguments, "-disposition:s:0") == ["0"]


def test_a_new_picture_replaces_the_sources_and_is_copied_too():
    arguments = mux_arguments(plan(picture=LIPS), Path("/out/film.mp4"), mp4=True)
    assert values(arguments, "-map") == ["1:v:0", "2:a:0", "0:3", "3:s:0", "4:s:0"]
    assert values(arguments, "-i")[1] == "file:/in/lips.mp4"
    assert values(arguments, "-itsoffset") == ["-500000us", "-500000us"]
    assert values(arguments, "-c") == ["copy"]


def test_chapters_are_kept_when_there_are_any():
    with_chapters = facts(chapters=(Chapter(start=0, end=9, title="One"),))
    for source, expected in ((facts(), "-1"), (with_chapters, "0")):
        arguments = mux_arguments(plan(source), Path("/out/film.mp4"), mp4=True)
        assert values(arguments, "-map_chapters") == [expected]


def test_matroska_takes_srt_and_no_mp4_options():
    arguments = mux_arguments(plan(), Path("/out/film.mkv"), mp4=False, gain_db=-0.3)
    assert values(arguments, "-c:s") == ["srt"]
    assert values(arguments, "-f") == ["matroska"]
    assert values(arguments, "-filter:a:0") == ["volume=-0.30dB"]
    assert "-movflags" not in arguments


def test_matroska_names_all_that_is_synthetic_and_mp4_leaves_the_rest_to_xmp():
    tags = values(mux_arguments(plan(picture=LIPS), Path("/out/film.mkv"), mp4=False), "-metadata")
    assert tags[0].startswith("COMMENT=The Spanish speech of this video (es-419) is synthetic, and")
    assert tags[2:] == ["SYNTHETIC=speech,lips", "SYNTHETIC_LANGUAGE=es-419"]
    assert tags[1].startswith("DIGITAL_SOURCE_TYPE=http://cv.iptc.org/newscodes/")
    assert len(values(mux_arguments(plan(), Path("/out/film.mp4"), mp4=True), "-metadata")) == 1


def test_opus_is_moved_by_its_pre_skip_in_matroska_alone():
    opus = replace(plan(facts(sound="opus")), pre_skip=Fraction(312, 48_000))
    arguments = mux_arguments(opus, Path("/o.mkv"), mp4=False)
    assert values(arguments, "-itsoffset") == ["-500000us", "-493500us"]
    assert values(arguments, "-map")[:3] == ["0:0", "1:a:0", "2:3"]
    assert values(mux_arguments(opus, Path("/o.mp4"), mp4=True), "-map")[2] == "0:3"


def test_hevc_gets_the_tag_that_players_want_unless_it_is_replaced():
    hevc = facts(codec="hevc")
    assert values(mux_arguments(plan(hevc), Path("/o.mp4"), mp4=True), "-tag:v") == ["hvc1"]
    assert not values(mux_arguments(plan(hevc, LIPS), Path("/o"), mp4=True), "-tag:v")


@pytest.mark.parametrize(
    ("codec", "sound", "picture", "reason"),
    [
        ("h264", "aac", None, ""),
        ("hevc", "opus", None, ""),
        ("vp8", "aac", None, "MP4 can't hold the source's vp8 picture"),
        ("vp8", "aac", LIPS, ""),
        ("h264", "vorbis", LIPS, "MP4 can't hold the source's vorbis sound"),
        ("h264", "pcm_s16le", None, "MP4 can't hold the source's pcm_s16le sound"),
    ],
)
def test_what_mp4_can_not_hold_is_said(codec, sound, picture, reason):
    assert why_not_mp4(plan(facts(codec=codec, sound=sound), picture)) == reason


@pytest.mark.parametrize(
    ("channels", "rate"), [(1, 96_000), (2, 192_000), (6, 384_000), (8, 512_000)]
)
def test_bits_follow_channels(channels, rate):
    assert aac_bits_per_second(channels) == rate


def test_a_plan_without_subtitles_has_three_tracks():
    bare = replace(plan(), subtitles=())
    assert bare.languages == (None, "es-419", "en")
    assert values(mux_arguments(bare, Path("/o.mp4"), mp4=True), "-map") == ["0:0", "1:a:0", "0:3"]
