"""Walking over a file's packets: what is really in it, whatever its headers claim."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import numpy as np

from airdub.errors import AirdubError, EngineFailed
from airdub.units import parse_rate
from model_images.common.ffmpeg import input_arguments, program_output

LONGEST_LAST_FRAME = Fraction(10)
"""Seconds; a last frame that claims more is taken for an ordinary one."""


class Packet(NamedTuple):
    """One packet; times are in the stream's time base, None where the file has none."""

    stream: int
    pts: int | None
    dts: int | None
    duration: int
    key: bool
    hidden: bool  # decoded, never shown (before an edit list's start)


def walk_packets(path: Path, *, failure: type[AirdubError] = EngineFailed) -> Iterator[Packet]:
    """Every packet of every stream in file order, nothing decoded, memory flat.

    Raises:
        AirdubError: `failure`, when ffprobe can't read on.
    """
    entries = "packet=stream_index,pts,dts,duration,flags"
    command = ["ffprobe", "-v", "fatal", "-show_entries", entries, "-of", "csv=p=0"]
    command += input_arguments(path)
    with program_output(
        command,
        what="walking over the packets",
        where=path.name,
        remedy="export the video again",
        failure=failure,
    ) as lines:
        for line in lines:
            if packet := parse_packet(line.decode("ascii", "replace")):
                yield packet


def parse_packet(line: str) -> Packet | None:
    """A line of ffprobe's CSV (`0,512,0,512,K_`); None for the lines that side data leave."""
    parts = line.strip().split(",")
    if len(parts) < 5:
        return None
    stream, pts, dts, duration, flags = parts[:5]
    return Packet(
        int(stream),
        None if pts == "N/A" else int(pts),
        None if dts == "N/A" else int(dts),
        0 if duration == "N/A" else int(duration),
        "K" in flags,
        "D" in flags,
    )


@dataclass
class StreamTimeline:
    """What a stream's packets say of it, in units of its time base.

    Attributes:
        packets: all of them, hidden ones too.
        first, end: least PTS, and greatest PTS plus its duration, of packets that are shown.
        last_key: PTS of the last key packet.
        jump_back: greatest step backwards of the decoding times (0: none).
    """

    time_base: Fraction
    packets: int = 0
    first: int | None = None
    end: int = 0
    last_key: int = 0
    jump_back: int = 0
    _dts: int | None = None

    def add(self, packet: Packet) -> None:
        """Take one more packet."""
        self.packets += 1
        if packet.dts is not None:
            if self._dts is not None:
                self.jump_back = max(self.jump_back, self._dts - packet.dts)
            self._dts = packet.dts
        time = packet.dts if packet.pts is None else packet.pts
        if time is None or packet.hidden:
            return
        if packet.key:
            self.last_key = time
        self.first = time if self.first is None else min(self.first, time)
        self.end = max(self.end, time + packet.duration)

    @property
    def start_s(self) -> Fraction:
        """Seconds at which the first packet is shown."""
        return (self.first or 0) * self.time_base

    @property
    def end_s(self) -> Fraction:
        """Seconds at which the last packet ends."""
        return self.end * self.time_base


@dataclass
class PictureTimeline(StreamTimeline):
    """A picture's packets. Frames before the first key frame can't be decoded and don't count.

    Attributes:
        shown: PTS of every frame that is shown, in file order.
        undecodable: packets before the first key frame.
    """

    shown: array[int] = field(default_factory=lambda: array("q"))
    undecodable: int = 0
    _last: tuple[int, int] = (0, 0)

    def add(self, packet: Packet) -> None:
        if not packet.key and self.undecodable == self.packets:
            self.packets += 1
            self.undecodable += 1
            return
        super().add(packet)
        time = packet.dts if packet.pts is None else packet.pts
        if time is None or packet.hidden:
            return
        if not self.shown or time >= self._last[0]:
            self._last = (time, packet.duration)
        self.shown.append(time)

    @property
    def last_duration(self) -> int:
        """What the frame that is shown last says of its own length; 0: nothing."""
        return self._last[1]


def walk_timelines(
    path: Path,
    time_bases: Mapping[int, Fraction],
    picture: int,
    *,
    failure: type[AirdubError] = EngineFailed,
) -> dict[int, StreamTimeline]:
    """The timeline of every stream by its index; `picture`'s is a `PictureTimeline`.

    Memory: 8 bytes per frame of the picture.
    """
    timelines: dict[int, StreamTimeline] = {
        index: (PictureTimeline if index == picture else StreamTimeline)(base)
        for index, base in time_bases.items()
    }
    for packet in walk_packets(path, failure=failure):
        if packet.stream in timelines:  # streams that appear later aren't ours
            timelines[packet.stream].add(packet)
    return timelines


@dataclass(frozen=True)
class FrameTimes:
    """When a picture's frames are shown.

    Attributes:
        start, duration: seconds: start of the first frame; from there to the end of the last.
        rate: frames per second; the header's where the frames bear it out, else measured.
        variable: gaps between frames differ by more than half a frame's length.
        on_grid: every frame lies within a millisecond (or one unit of the time base, if that is
            longer) of `start + k / rate`.
        longest_gap: seconds between two frames.
    """

    frames: int
    start: Fraction
    duration: Fraction
    rate: Fraction
    variable: bool
    on_grid: bool
    longest_gap: Fraction


def frame_times(timeline: PictureTimeline, claimed_rate: Fraction) -> FrameTimes:
    """Frame times by packets. Needs two frames or more (ValueError otherwise)."""
    pts = np.sort(np.frombuffer(timeline.shown, dtype=np.int64))
    if pts.size < 2:
        raise ValueError(f"{pts.size} frames have no rate")
    base = timeline.time_base
    gaps = np.diff(pts)
    usual = max(1, int(np.median(gaps)))
    last = timeline.last_duration
    if not 0 < last * base <= LONGEST_LAST_FRAME:
        last = usual
    measured = (int(pts[-1] - pts[0]) + last) * base
    variable = bool(2 * (int(gaps.max()) - int(gaps.min())) > usual)
    average = (pts.size / measured).limit_denominator(1_000_000)
    rate, on_grid = average, False
    for candidate in (claimed_rate, average):
        if candidate > 0 and _deviation(pts, base, candidate) <= max(base, Fraction(1, 1000)):
            rate, on_grid = candidate, True
            break
    return FrameTimes(
        frames=int(pts.size),
        start=int(pts[0]) * base,
        duration=pts.size / rate if on_grid else measured,
        rate=rate,
        variable=variable,
        on_grid=on_grid,
        longest_gap=int(gaps.max()) * base,
    )


def _deviation(pts: np.ndarray, base: Fraction, rate: Fraction) -> Fraction:
    """Seconds by which the worst frame misses `first + k / rate`."""
    step = float(1 / (rate * base))
    grid = np.arange(pts.size) * step
    return Fraction(float(np.abs((pts - pts[0]) - grid).max())) * base


def stream_time_bases(streams: list[dict[str, object]]) -> dict[int, Fraction]:
    """Time base by stream index, from ffprobe's streams."""
    return {
        int(str(stream["index"])): parse_rate(str(stream.get("time_base", "0/1")))
        for stream in streams
    }
