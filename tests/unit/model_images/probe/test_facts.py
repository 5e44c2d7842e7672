"""Facts are read from what ffprobe and the packets say, whatever a file calls things."""

from fractions import Fraction

import pytest

from airdub.media import Chapter
from model_images.common.packets import FrameTimes
from model_images.probe.facts import (
    aspect,
    bit_depth,
    chapters,
    choose_dialogue,
    choose_picture,
    rotation,
    speaks,
    timecode,
)


def audio(language="", **dispositions):
    return {"codec_type": "audio", "tags": {"language": language}, "disposition": dispositions}


@pytest.mark.parametrize(
    ("streams", "language", "chosen"),
    [
        ([audio(), audio()], "", 0),
        ([audio(), audio(default=1)], "", 1),
        ([audio("eng", default=1), audio("spa")], "es-419", 1),
        ([audio("ger"), audio("fre")], "fr", 1),
        ([audio("eng", comment=1), audio("eng")], "en", 1),
        ([audio("eng", visual_impaired=1, default=1), audio("eng")], "en", 1),
        ([audio("eng"), audio("spa", default=1)], "ko", 1),
        ([audio("x-nonsense!"), audio("kor")], "ko", 1),
    ],
)
def test_the_stream_to_dub_speaks_the_source_language_and_comments_nothing(
    streams, language, chosen
):
    assert choose_dialogue(streams, language) == chosen


def test_tags_of_any_kind_name_a_language_or_none():
    assert speaks("deu", "de")
    assert speaks("ger", "de-AT")
    assert speaks("en-US", "en")
    assert not speaks("", "en")
    assert not speaks("English (stereo)", "en")


def test_cover_art_is_no_picture():
    cover = {"codec_type": "video", "disposition": {"attached_pic": 1, "default": 1}}
    film = {"codec_type": "video", "disposition": {"default": 0}}
    assert choose_picture([cover, film]) is film
    assert choose_picture([cover]) is None


@pytest.mark.parametrize(
    ("anticlockwise", "clockwise"), [(-90, 90), (90, 270), (180, 180), (-180, 180), (0, 0)]
)
def test_rotation_is_counted_clockwise(anticlockwise, clockwise):
    stream = {"side_data_list": [{"side_data_type": "x"}, {"rotation": anticlockwise}]}
    assert rotation(stream) == clockwise


@pytest.mark.parametrize(
    ("pixel_format", "depth"),
    [
        ("yuv420p", 8),
        ("yuvj422p", 8),
        ("yuv420p10le", 10),
        ("p010le", 10),
        ("yuv422p12le", 12),
        ("gray10le", 10),
        ("nv12", 8),
        ("rgb24", 8),
    ],
)
def test_bit_depth_is_in_the_pixel_format(pixel_format, depth):
    assert bit_depth({"pix_fmt": pixel_format}) == depth


def test_unknown_pixel_shape_is_square():
    assert aspect({"sample_aspect_ratio": "4:3"}) == "4/3"
    assert aspect({"sample_aspect_ratio": "0:1"}) == "1/1"
    assert aspect({}) == "1/1"


def test_timecode_is_found_on_any_stream_and_must_look_like_one():
    assert timecode({"streams": [{}, {"tags": {"TIMECODE": "01:00:00;00"}}]}) == "01:00:00;00"
    assert timecode({"streams": [], "format": {"tags": {"timecode": "soon"}}}) == ""


def test_chapters_move_with_the_picture_and_end_with_it():
    frames = FrameTimes(50, Fraction(1, 2), Fraction(2), Fraction(25), False, True, Fraction(1, 25))
    raw = [
        {"time_base": "1/1000", "start": 0, "end": 1000, "tags": {"title": "One"}},
        {"time_base": "1/1000", "start": 1000, "end": 9000, "tags": {}},
        {"time_base": "1/1000", "start": 9000, "end": 9900},
    ]
    assert chapters(raw, frames) == (
        Chapter(start=0, end=24_000, title="One"),
        Chapter(start=24_000, end=96_000),
    )
