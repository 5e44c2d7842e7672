"""Boxes of MP4 files are found, and what isn't one is left alone."""

import struct

from model_images.common.boxes import Box, child_boxes, file_boxes, find_boxes
from tests.noise_clips import make_clip


def test_a_real_file_has_its_boxes_end_to_end(tmp_path):
    clip = make_clip(tmp_path / "clip.mp4")
    boxes = file_boxes(clip)
    assert [box.kind for box in boxes] == [b"ftyp", b"free", b"mdat", b"moov"]
    assert boxes[-1].end == clip.stat().st_size
    data = clip.read_bytes()
    assert len(find_boxes(data, (b"trak", b"mdia", b"mdhd"), boxes[-1])) == 2


def test_a_64_bit_size_and_a_box_to_the_end_of_the_file(tmp_path):
    path = tmp_path / "wide.mp4"
    head = struct.pack(">I4s", 8, b"ftyp")
    wide = struct.pack(">I4sQ", 1, b"free", 20) + b"1234"
    path.write_bytes(head + wide + struct.pack(">I4s", 0, b"mdat") + b"the rest")
    boxes = file_boxes(path)
    assert [box.kind for box in boxes] == [b"ftyp", b"free", b"mdat"]
    assert boxes[1].payload == 8 + 16
    assert boxes[2].end == path.stat().st_size


def test_other_files_and_nonsense_have_none(tmp_path):
    other = tmp_path / "other"
    other.write_bytes(b"\x1aE\xdf\xa3" + b"x" * 100)
    assert file_boxes(other) == []
    nonsense = struct.pack(">I4s", 3, b"trak") + b"x" * 20
    assert list(child_boxes(nonsense, 0, len(nonsense))) == []
    too_long = struct.pack(">I4s", 300, b"trak") + b"x" * 20
    assert list(child_boxes(too_long, 0, len(too_long))) == []
    assert Box(b"free", 4, 12, 8).payload == 12
