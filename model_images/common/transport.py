"""Whether an MPEG transport stream ends within a picture: its demuxer doesn't tell."""

from __future__ import annotations

from pathlib import Path

_PACKET = 188
_GRIDS = ((188, 0), (192, 4), (204, 0))
"""From packet to packet, and where the first begins: plain, on Blu-ray, with parity."""

_SYNC = 0x47
_TAIL = 1 << 20
_CLOCK = 7
"""Bytes of an adaptation field that holds a clock and no padding."""


def ends_within_a_picture(source: Path, pid: int) -> bool:
    """Whether a stream's last packet isn't the last of its picture, which is padded.

    One in 184 whole pictures needs no padding, and is taken for half a one.
    """
    size = source.stat().st_size
    start = max(0, size - _TAIL)
    with source.open("rb") as file:
        file.seek(start)
        tail = file.read()
    for stride, first in _GRIDS:
        places = range((first - start) % stride, len(tail) - _PACKET + 1, stride)
        packets = [tail[place : place + 5] for place in places]
        if packets and all(packet[0] == _SYNC for packet in packets):
            own = [packet for packet in packets if (packet[1] & 0x1F) << 8 | packet[2] == pid]
            return bool(own) and not _is_padded(own[-1])
    return False


def _is_padded(packet: bytes) -> bool:
    begins, adapted = packet[1] & 0x40, packet[3] & 0x20
    return bool(adapted and (not begins or packet[4] > _CLOCK))
