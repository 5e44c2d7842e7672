"""XMP in MP4 files: a `uuid` box at the end (ISO 16684-3, 5.10), which ffmpeg can't write."""

from __future__ import annotations

import struct
from pathlib import Path

from model_images.common.boxes import file_boxes

_XMP = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")


def append_xmp(mp4: Path, packet: bytes) -> None:
    """Add a packet behind everything else, so that nothing moves."""
    box = struct.pack(">I4s", 8 + len(_XMP) + len(packet), b"uuid") + _XMP + packet
    with mp4.open("ab") as stream:
        stream.write(box)


def read_xmp(mp4: Path) -> list[bytes]:
    """Every packet of a file."""
    found = []
    with mp4.open("rb") as stream:
        for box in file_boxes(mp4):
            stream.seek(box.payload)
            if box.kind == b"uuid" and stream.read(len(_XMP)) == _XMP:
                found.append(stream.read(box.end - box.payload - len(_XMP)))
    return found
