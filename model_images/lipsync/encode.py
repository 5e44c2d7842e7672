"""Pictures to H.264, each at the very time it had in the source."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import numpy as np

from airdub.media import VideoFacts
from airdub.units import parse_rate
from model_images.common.pictures import Picture, Planes, layout_of, plane_view

CRF = 16
"""Visually lossless: 42 dB and more against the source, so that what wasn't changed stays."""

PRESET = "veryfast"


class VideoWriter:
    """An MP4 with one H.264 stream and no sound, whose frames keep the source's PTS and time base.

    MP4 and not Matroska, whose times are whole milliseconds in FFmpeg. Colour tags and the shape of
    pixels are the source's; pictures are upright, so there is no rotation to tag. The same pictures
    give the same bytes: x264 is exact for a fixed number of threads.

    Args:
        end_tick: where the last picture ends, in ticks of the 48 kHz clock since the first.
    """

    def __init__(self, path: Path, facts: VideoFacts, *, end_tick: int, threads: int = 2) -> None:
        layout = layout_of(facts)
        self._base = parse_rate(facts.time_base)
        self._ticks_per_unit = Fraction(48_000, self._base.denominator)
        self._end_tick = end_tick
        self._container = av.open(
            str(path),
            "w",
            format="mp4",
            container_options={
                "fflags": "+bitexact",
                "movflags": "+faststart",
                "video_track_timescale": str(self._base.denominator),
            },
        )
        self._stream = self._container.add_stream("libx264", rate=facts.rate or 25)
        context = self._stream.codec_context
        context.width, context.height = layout.width, layout.height
        context.pix_fmt = layout.pixel_format
        context.time_base = Fraction(1, self._base.denominator)
        context.sample_aspect_ratio = _pixel_shape(facts)
        context.options = {"preset": PRESET, "crf": str(CRF), "threads": str(threads)}
        context.flags |= av.codec.context.Flags.bitexact
        self._stream.time_base = context.time_base
        self._tagged = False
        self._last: Picture | None = None
        self._durations: dict[int, int] = {}

    def write(self, picture: Picture, planes: Planes) -> None:
        """Append a picture with these pixels."""
        if not self._tagged:
            self._tag(picture.frame)
        if self._last is not None:
            self._durations[self._units(self._last)] = self._units(picture) - self._units(
                self._last
            )
        self._last = picture
        frame = av.VideoFrame(
            picture.layout.width, picture.layout.height, picture.layout.pixel_format
        )
        for target, plane in zip(frame.planes, planes, strict=True):
            np.copyto(plane_view(target), plane)
        frame.pts, frame.time_base = self._units(picture), self._stream.time_base
        self._mux(self._stream.encode(frame))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        try:
            if kind is None and self._last is not None:
                left = (self._end_tick - self._last.tick) / self._ticks_per_unit
                self._durations[self._units(self._last)] = max(1, round(left))
                self._mux(self._stream.encode(None))
        finally:
            self._container.close()

    def _units(self, picture: Picture) -> int:
        """A picture's time in the stream's unit, which has 1 as its numerator."""
        return picture.pts * self._base.numerator

    def _tag(self, frame: av.VideoFrame) -> None:
        """Carry the source's colour tags over; they are written with the first frame."""
        context = self._stream.codec_context
        context.color_range, context.colorspace = frame.color_range, frame.colorspace
        context.color_primaries, context.color_trc = frame.color_primaries, frame.color_trc
        if frame.format.name.startswith("yuvj"):
            context.color_range = av.video.reformatter.ColorRange.JPEG
        self._tagged = True

    def _mux(self, packets: list[av.Packet]) -> None:
        for packet in packets:
            packet.duration = self._durations.pop(packet.pts, packet.duration)
            self._container.mux(packet)


def _pixel_shape(facts: VideoFacts) -> Fraction:
    """Width over height of a pixel of the upright picture."""
    shape = parse_rate(facts.sample_aspect_ratio) or Fraction(1)
    return 1 / shape if facts.rotation % 180 else shape
