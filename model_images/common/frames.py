"""Spans of a video's frames, decoded from the keyframe before them: what chunks are made from.

The table of all frames comes from the packets alone. Every picture is checked against it, so none
ever stands under another's number, however a container seeks.
"""

from __future__ import annotations

from array import array
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from itertools import dropwhile, islice
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import numpy as np
from numpy.typing import NDArray

from airdub.media import VideoFacts
from airdub.units import CLOCK_HZ, rescale
from model_images.common.pictures import (
    Picture,
    check_size,
    decoded,
    layout_of,
    open_stream,
    read_pictures,
    undecodable,
    whole_packets,
    with_leading,
)

_REORDERED = 16
"""Frames by which a codec moves a picture at most between decoding and showing (H.264, HEVC)."""

_SAMPLE = 48
"""Pictures at the start that are decoded to see whether packets and pictures agree."""

_SILENT_PACKETS = ("vp8", "mpeg4", "msmpeg4v1", "msmpeg4v2", "msmpeg4v3")
"""Codecs with packets that give no picture and don't say so."""

_HOLD_BACK = ("h264", "hevc")
"""Codecs whose decoder gives no picture after a seek before all that it refers to is there."""


@dataclass(frozen=True, eq=False)
class FrameTable:
    """When each frame is shown, and where decoding can begin.

    Attributes:
        pts: (frames,), rising, in the stream's time base, as in `Picture.pts`.
        keyframes: numbers of the frames at which decoding can begin, rising; the first is 0.
        seekable: whether pictures come with times that rise. Where they don't (no times, times
            that jump back), a frame is found by counting from the first.
    """

    pts: NDArray[np.int64]
    keyframes: NDArray[np.int64]
    seekable: bool = True

    def __len__(self) -> int:
        """Frames."""
        return len(self.pts)

    def frame_at(self, pts: int | None) -> int | None:
        """Number of the frame that is shown from this very time on; None where there is none."""
        if pts is None:
            return None
        found = int(np.searchsorted(self.pts, pts))
        return found if found < len(self.pts) and self.pts[found] == pts else None

    def keyframes_to(self, frame: int) -> NDArray[np.int64]:
        """Keyframes that aren't shown after a frame."""
        return self.keyframes[: np.searchsorted(self.keyframes, frame, side="right")]


def frame_table(source: Path, facts: VideoFacts) -> FrameTable:
    """The table of a video, by walking over its packets; memory: 8 bytes per frame.

    Where packets don't tell when which picture is shown, all pictures are decoded.

    Raises:
        InvalidInput: the file can't be read, or has no picture.
    """
    times, keys = _shown_packets(source, facts)
    table = None if facts.codec in _SILENT_PACKETS else _table_of_packets(times, keys)
    if table is None or not _agrees(table, source, facts):
        table = _table_of_pictures(source, facts, keys)
    if not len(table):
        raise undecodable(source, 0, "it holds no picture")
    return table


def _table_of_packets(times: array[int] | None, keys: array[int]) -> FrameTable | None:
    """The table that packets give; None where they can't tell which frame comes when."""
    if not times:
        return None
    order = np.argsort(times, kind="stable")
    pts = np.array(times, np.int64)[order]
    reordered = np.abs(order - np.arange(len(order))).max() <= _REORDERED
    if not reordered or not (np.diff(pts) > 0).all():
        return None
    return FrameTable(pts, _numbers(pts, keys))


def _table_of_pictures(source: Path, facts: VideoFacts, keys: array[int]) -> FrameTable:
    """The table that pictures give."""
    times, own = array("q"), True
    for picture in read_pictures(source, facts):
        times.append(picture.pts)
        own = own and picture.frame.pts == picture.pts
    pts = np.array(times, np.int64)
    return FrameTable(pts, _numbers(pts, keys if own else array("q")), seekable=own)


def _numbers(pts: NDArray[np.int64], keys: array[int]) -> NDArray[np.int64]:
    """Numbers of the frames that are shown at these times, and 0."""
    return np.union1d([0], np.flatnonzero(np.isin(pts, keys))).astype(np.int64)


def _shown_packets(source: Path, facts: VideoFacts) -> tuple[array[int] | None, array[int]]:
    """PTS of every packet whose picture is shown, in decoding order, and those of keys.

    The former are None where one of them has no PTS.
    """
    times, keys, untimed = array("q"), array("q"), 0
    try:
        with av.open(str(source)) as container:
            packets = whole_packets(container, container.streams[facts.index])
            for packet, leading in with_leading(packets):
                if not packet.size or packet.is_discard or leading:
                    continue
                if packet.pts is None:
                    untimed += 1
                    continue
                times.append(packet.pts)
                if packet.is_keyframe:
                    keys.append(packet.pts)
    except av.FFmpegError as error:
        raise undecodable(source, len(times) + untimed, error) from error
    return (None if untimed else times), keys


def _agrees(table: FrameTable, source: Path, facts: VideoFacts) -> bool:
    """Whether the first pictures come as the table says."""
    shown = [picture.pts for picture in islice(read_pictures(source, facts), _SAMPLE)]
    return shown == table.pts[:_SAMPLE].tolist()


class FrameReader:
    """Gives spans of frames: the very pictures that `read_pictures` gives, under their numbers.

    One span is read at a time.
    """

    def __init__(self, source: Path, facts: VideoFacts, table: FrameTable) -> None:
        self._source = source
        self._facts = facts
        self._table = table
        self._coming = self._pictures(len(table))
        self._next = len(table)

    def read(self, first: int, end: int) -> Iterator[Picture]:
        """Pictures `first` up to `end`.

        Decoding goes on where it stopped, unless there is a keyframe to begin with in between.

        Raises:
            InvalidInput: a frame can't be decoded; it says which.
            ValueError: the video has no such frames.
        """
        if not 0 <= first <= end <= len(self._table):
            raise ValueError(f"no frames {first} to {end} in {len(self._table)}")
        if first < end and not self._starts(first)[0] <= self._next <= first:
            self.close()
            self._coming, self._next = self._pictures(first), first
        at = first
        while at < end:
            self._next = len(self._table)  # should decoding fail, the next span begins anew
            picture = next(self._coming)
            self._next = picture.index + 1
            if picture.index == at:
                at += 1
                yield picture

    def close(self) -> None:
        """Let go of the file."""
        self._coming.close()
        self._next = len(self._table)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def _starts(self, frame: int) -> list[int]:
        """Where decoding may begin so that it comes to a frame: the nearest keyframe, others that
        are ever farther away, 0."""
        if not self._table.seekable:
            return [0]
        keys = self._table.keyframes_to(frame)[:0:-1]
        return [int(keys[(1 << n) - 1]) for n in range(len(keys).bit_length())] + [0]

    def _pictures(self, first: int) -> Generator[Picture]:
        """Every picture from `first` on.

        What doesn't come from the nearest keyframe (a seek that lands too late, a decoder that
        gives nothing before it has recovered, a keyframe that is none) is looked for from earlier
        ones.
        """
        for start in self._starts(first):
            for picture in self._from_keyframe(start) if start else self._from_the_first():
                if picture.index > first:
                    break
                if picture.index == first:
                    first += 1
                    yield picture
            if first == len(self._table):
                return
        raise undecodable(self._source, first, "no picture comes at its time")

    def _from_the_first(self) -> Iterator[Picture]:
        """Pictures by counting, as long as they come at the table's times."""
        for picture in read_pictures(self._source, self._facts):
            if picture.index == len(self._table) or picture.pts != self._table.pts[picture.index]:
                return
            yield picture

    def _from_keyframe(self, start: int) -> Iterator[Picture]:
        """Pictures by their times after a seek, as long as the table has them."""
        pts, layout = self._table.pts, layout_of(self._facts)
        try:
            with av.open(str(self._source)) as container:
                stream = open_stream(container, self._facts)
                container.seek(int(pts[start]), stream=stream)
                for frame in self._sound(decoded(whole_packets(container, stream))):
                    index = self._table.frame_at(frame.pts)
                    if index is None:
                        return
                    check_size(frame, self._facts, self._source, index)
                    tick = rescale(int(pts[index] - pts[0]), 1 / stream.time_base, CLOCK_HZ)
                    fields = bool(frame.interlaced_frame)
                    yield Picture(index, frame.pts, tick, fields, layout, frame)
        except av.FFmpegError:
            return

    def _sound(self, frames: Iterator[av.VideoFrame]) -> Iterator[av.VideoFrame]:
        """Frames from the first that refers to no other: containers call others keyframes too."""
        if self._facts.codec in _HOLD_BACK:
            return frames
        return dropwhile(lambda frame: not frame.key_frame, frames)
