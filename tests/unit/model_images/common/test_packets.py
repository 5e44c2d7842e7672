"""Timelines come from packets: order, gaps, hidden frames and lying rates included."""

from fractions import Fraction

import pytest

from model_images.common.packets import (
    Packet,
    PictureTimeline,
    StreamTimeline,
    frame_times,
    parse_packet,
    walk_packets,
    walk_timelines,
)
from tests.noise_clips import make_clip

MS = Fraction(1, 1000)


def timeline(*pts, base=MS, duration=40, keys=(0,), hidden=()):
    found = PictureTimeline(base)
    for number, time in enumerate(pts):
        found.add(Packet(0, time, number, duration, number in keys, number in hidden))
    return found


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("0,1536,-512,512,__\n", Packet(0, 1536, -512, 512, False, False)),
        ("1,-1024,-1024,1024,KD,\n", Packet(1, -1024, -1024, 1024, True, True)),
        ("0,N/A,4,N/A,K_", Packet(0, None, 4, 0, True, False)),
        ("\n", None),
    ],
)
def test_a_line_of_ffprobe_is_read(line, expected):
    assert parse_packet(line) == expected


def test_frames_in_decoding_order_are_timed_in_the_order_shown():
    times = frame_times(timeline(0, 120, 40, 80), Fraction(25))
    assert (times.frames, times.start, times.duration) == (4, 0, Fraction(160, 1000))
    assert times.rate == 25
    assert times.on_grid
    assert not times.variable


def test_gaps_of_33_and_67_ms_are_a_variable_rate_whose_average_is_measured():
    times = frame_times(timeline(0, 33, 100, 133, 200, duration=33), Fraction(30))
    assert times.variable
    assert not times.on_grid
    assert times.duration == Fraction(233, 1000)
    assert times.rate == Fraction(5000, 233)


def test_millisecond_rounding_does_not_spoil_an_exact_rate():
    pts = [int(k * 1001 / 24) for k in range(48)]
    times = frame_times(timeline(*pts, duration=42), Fraction(24000, 1001))
    assert times.on_grid
    assert times.duration == Fraction(48 * 1001, 24000)


def test_a_rate_that_the_frames_do_not_bear_out_is_replaced():
    times = frame_times(timeline(*range(0, 4000, 40)), Fraction(30))
    assert times.rate == 25


def test_frames_before_the_first_key_frame_and_hidden_ones_do_not_count():
    found = timeline(0, 40, 80, 120, 160, keys=(1,), hidden=(2,))
    assert list(found.shown) == [40, 120, 160]
    assert found.undecodable == 1
    assert found.packets == 5


def test_an_absurd_length_of_the_last_frame_is_not_believed():
    found = PictureTimeline(MS)
    for time, duration in ((0, 40), (40, 40), (80, 14_400_000)):
        found.add(Packet(0, time, time, duration, True, False))
    assert frame_times(found, Fraction(25)).duration == Fraction(120, 1000)


def test_a_jump_back_in_time_is_noticed():
    found = StreamTimeline(MS)
    for time in (0, 40, 5000, 10, 50):
        found.add(Packet(1, time, time, 40, True, False))
    assert found.jump_back == 4990


def test_a_real_file_gives_its_timelines(tmp_path):
    clip = make_clip(tmp_path / "clip.mp4")
    assert sum(packet.stream == 0 for packet in walk_packets(clip)) == 50
    found = walk_timelines(clip, {0: Fraction(1, 12800), 1: Fraction(1, 48000)}, 0)
    assert frame_times(found[0], Fraction(25)).frames == 50
    assert found[1].start_s == 0
    assert 2 <= found[1].end_s < Fraction(21, 10)
