"""ISO base media boxes (ISO/IEC 14496-12), as far as checks and small repairs of MP4 files need."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_MP4_BEGINS_WITH = {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"styp"}


class Box(NamedTuple):
    """A box: type, first byte, size in all, and bytes of its header."""

    kind: bytes
    offset: int
    size: int
    header: int

    @property
    def end(self) -> int:
        """The byte after it."""
        return self.offset + self.size

    @property
    def payload(self) -> int:
        """Its first byte after the header."""
        return self.offset + self.header


def file_boxes(path: Path) -> list[Box]:
    """The boxes at the top of an MP4 or QuickTime file; empty for any other file.

    A box may claim to end behind the file's end: then the file was cut off.
    """
    size = path.stat().st_size
    boxes: list[Box] = []
    offset = 0
    with path.open("rb") as stream:
        while offset + 8 <= size:
            stream.seek(offset)
            box = _parse(stream.read(16), offset, size)
            if box is None or (not boxes and box.kind not in _MP4_BEGINS_WITH):
                break
            boxes.append(box)
            offset = box.end
    return boxes


def child_boxes(data: bytes | bytearray, start: int, end: int) -> Iterator[Box]:
    """The boxes between two positions of data; stops at the first that makes no sense."""
    offset = start
    while offset + 8 <= end:
        box = _parse(bytes(data[offset : offset + 16]), offset, end)
        if box is None or box.end > end:
            return
        yield box
        offset = box.end


def find_boxes(data: bytes | bytearray, path: tuple[bytes, ...], parent: Box) -> list[Box]:
    """All boxes below a parent along a path of types: `(b"trak", b"mdia", b"mdhd")`."""
    found = [parent]
    for kind in path:
        found = [
            child
            for box in found
            for child in child_boxes(data, box.payload, box.end)
            if child.kind == kind
        ]
    return found


def _parse(head: bytes, offset: int, limit: int) -> Box | None:
    if len(head) < 8:
        return None
    size, kind = struct.unpack_from(">I4s", head)
    header = 8
    if size == 1 and len(head) >= 16:
        size, header = struct.unpack_from(">Q", head, 8)[0], 16
    elif size == 0:
        size = limit - offset
    if size < header:
        return None
    return Box(kind, offset, size, header)
