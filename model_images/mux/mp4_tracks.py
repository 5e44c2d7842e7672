"""What ffmpeg 5.1 can't write into an MP4: extended language tags, and subtitles that stay off.

`elng` (ISO/IEC 14496-12, 8.4.6) holds a track's BCP-47 tag beside the three letters of `mdhd`, so
that es-419 and es-ES differ. A track's `tkhd` flag 1 means "enabled": ffmpeg sets it on the first
subtitle track whatever its disposition.
"""

from __future__ import annotations

import shutil
import struct
from collections.abc import Sequence
from pathlib import Path

from airdub.errors import EngineFailed
from model_images.common.boxes import Box, child_boxes, file_boxes, find_boxes

_ENABLED = 1
_OFFSET_TABLES = {b"stco": ">I", b"co64": ">Q"}


def write_track_tags(mp4: Path, languages: Sequence[str | None]) -> None:
    """Add an `elng` box to every track whose tag says more than its three letters, and disable
    subtitle tracks.

    Args:
        mp4: written by ffmpeg with `+faststart`; replaced by a file of the same name.
        languages: BCP-47 tag of each track in file order; None leaves a track alone.

    Raises:
        EngineFailed: the index isn't in front of the media.
    """
    boxes = file_boxes(mp4)
    kinds = [box.kind for box in boxes]
    if b"moov" not in kinds or kinds.index(b"moov") > kinds.index(b"mdat"):
        raise EngineFailed("the index (moov) is not in front of the media", where=mp4.name)
    place = boxes[kinds.index(b"moov")]
    part = mp4.with_name(f"{mp4.name}.part")
    with mp4.open("rb") as old, part.open("wb") as new:
        new.write(old.read(place.offset))
        new.write(tagged_index(old.read(place.size), languages))
        shutil.copyfileobj(old, new, 1 << 20)
    part.replace(mp4)


def tagged_index(moov: bytes, languages: Sequence[str | None]) -> bytes:
    """A `moov` box with the tags; its chunk offsets move by as many bytes as it grows.

    Raises:
        EngineFailed: an offset would pass 32 bits.
    """
    root = _root(moov)
    tracks = [box for box in child_boxes(moov, root.payload, root.end) if box.kind == b"trak"]
    patched = bytearray(moov)
    for track in tracks:
        if _handler(moov, track) in (b"sbtl", b"text", b"subt"):
            (header,) = find_boxes(moov, (b"tkhd",), track)
            patched[header.payload + 3] &= ~_ENABLED & 0xFF
    # from the last to the first, so that positions in front stay valid
    for track, language in reversed(list(zip(tracks, languages, strict=False))):
        if language and "-" in language:
            _insert_language(patched, moov, track, language)
    _move_chunks(patched, len(patched) - len(moov))
    return bytes(patched)


def _root(moov: bytes | bytearray) -> Box:
    return next(child_boxes(moov, 0, len(moov)))


def _handler(moov: bytes, track: Box) -> bytes:
    (handler,) = find_boxes(moov, (b"mdia", b"hdlr"), track)
    return moov[handler.payload + 8 : handler.payload + 12]


def _insert_language(patched: bytearray, moov: bytes, track: Box, language: str) -> None:
    text = language.encode("ascii") + b"\0"
    box = struct.pack(">I4sI", 12 + len(text), b"elng", 0) + text
    (media,) = find_boxes(moov, (b"mdia",), track)
    (header,) = find_boxes(moov, (b"mdhd",), media)
    patched[header.end : header.end] = box
    for parent in (media, track, _root(moov)):
        size = struct.unpack_from(">I", patched, parent.offset)[0] + len(box)
        struct.pack_into(">I", patched, parent.offset, size)


def _move_chunks(moov: bytearray, by: int) -> None:
    if not by:
        return
    for table in find_boxes(moov, (b"trak", b"mdia", b"minf", b"stbl"), _root(moov)):
        for box in child_boxes(moov, table.payload, table.end):
            if form := _OFFSET_TABLES.get(box.kind):
                _move_table(moov, box, form, by)


def _move_table(moov: bytearray, box: Box, form: str, by: int) -> None:
    (count,) = struct.unpack_from(">I", moov, box.payload + 4)
    wide = struct.calcsize(form)
    for position in range(box.payload + 8, box.payload + 8 + count * wide, wide):
        offset = struct.unpack_from(form, moov, position)[0] + by
        if wide == 4 and offset >= 1 << 32:
            raise EngineFailed("a chunk offset passes 32 bits", where="stco")
        struct.pack_into(form, moov, position, offset)


def extended_languages(mp4: Path) -> list[str]:
    """The BCP-47 tag of each track's `elng` box, "" where it has none."""
    place = next(box for box in file_boxes(mp4) if box.kind == b"moov")
    with mp4.open("rb") as stream:
        stream.seek(place.offset)
        moov = stream.read(place.size)
    tags = []
    for track in find_boxes(moov, (b"trak",), _root(moov)):
        found = find_boxes(moov, (b"mdia", b"elng"), track)
        tags.append(moov[found[0].payload + 4 : found[0].end - 1].decode() if found else "")
    return tags
