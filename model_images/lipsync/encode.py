"""Pictures of one chunk to H.264."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import numpy as np

from airdub.media import VideoFacts
from airdub.units import CLOCK_HZ, parse_rate, rescale
from model_images.common.pictures import Picture, Planes, layout_of, plane_view
from model_images.lipsync.stitch import Times, delay_of

SETTINGS = {"preset": "veryfast", "crf": "17", "threads": "1", "x264-params": "mbtree=0"}
"""Visually lossless: 42 dB and more against the source, so that what wasn't changed stays.

The same pictures must give the same bytes: with another number of threads x264 gives others, and
with its macroblock tree others at every run (measured at widths of 160, 176, 200 and 328 pixels,
not at 512 and 640).
"""


@dataclass(frozen=True)
class ColourTags:
    """How a video's numbers are colours, in FFmpeg's numbers; a stream has one for all pictures."""

    range: int
    matrix: int
    primaries: int
    transfer: int

    @classmethod
    def of(cls, picture: Picture) -> ColourTags:
        """A source's tags, by its first picture: of the numbers that are encoded."""
        frame = picture.planar
        full = frame.format.name.startswith("yuvj")
        return cls(
            int(av.video.reformatter.ColorRange.JPEG if full else frame.color_range),
            int(frame.colorspace),
            int(frame.color_primaries),
            int(frame.color_trc),
        )


def scale_of(facts: VideoFacts) -> int:
    """Units per second of the new picture's times: the source's, with 1 as the numerator."""
    return parse_rate(facts.time_base).denominator


def edges_of(pts: Times, facts: VideoFacts, end_tick: int) -> Times:
    """When each frame is shown and the last one ends, (frames + 1,), in units of `scale_of`.

    Args:
        pts: of the frames, in the source's time base.
        end_tick: the end, in ticks since the first frame.
    """
    shown = pts * parse_rate(facts.time_base).numerator
    end = int(shown[0]) + rescale(end_tick, CLOCK_HZ, scale_of(facts))
    return np.append(shown, max(end, int(shown[-1]) + 1))


class ChunkWriter:
    """An MP4 with one H.264 stream of a chunk's pictures; times count from the first of them.

    Colour tags and the shape of pixels are the source's; pictures are upright, so there is no
    rotation to tag. The same pictures give the same bytes.
    """

    def __init__(self, path: Path, facts: VideoFacts, tags: ColourTags) -> None:
        layout = layout_of(facts)
        self._step = parse_rate(facts.time_base).numerator
        self._first: int | None = None
        self._decoded: list[int] = []
        scale = scale_of(facts)
        options = {"fflags": "+bitexact", "video_track_timescale": str(scale)}
        self._container = av.open(str(path), "w", format="mp4", container_options=options)
        self._stream = self._container.add_stream("libx264", rate=facts.rate or 25)
        context = self._stream.codec_context
        context.width, context.height = layout.width, layout.height
        context.pix_fmt = layout.pixel_format
        context.time_base = self._stream.time_base = Fraction(1, scale)
        context.sample_aspect_ratio = _pixel_shape(facts)
        context.options = SETTINGS
        context.flags |= av.codec.context.Flags.bitexact
        context.color_range, context.colorspace = tags.range, tags.matrix
        context.color_primaries, context.color_trc = tags.primaries, tags.transfer

    def write(self, picture: Picture, planes: Planes) -> None:
        """Append a picture with these pixels."""
        layout = picture.layout
        frame = av.VideoFrame(layout.width, layout.height, layout.pixel_format)
        for target, plane in zip(frame.planes, planes, strict=True):
            np.copyto(plane_view(target), plane)
        if self._first is None:
            self._first = picture.pts
        frame.pts = (picture.pts - self._first) * self._step
        frame.time_base = self._stream.time_base
        self._mux(self._stream.encode(frame))

    @property
    def delay(self) -> int:
        """Frames by which decoding must run ahead of showing, once all were written."""
        return delay_of(np.array(self._decoded, np.int64))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        try:
            if kind is None and self._first is not None:
                self._mux(self._stream.encode(None))
        finally:
            self._container.close()

    def _mux(self, packets: list[av.Packet]) -> None:
        self._decoded += [packet.pts for packet in packets]
        self._container.mux(packets)


def _pixel_shape(facts: VideoFacts) -> Fraction:
    """Width over height of a pixel of the upright picture."""
    shape = parse_rate(facts.sample_aspect_ratio) or Fraction(1)
    return 1 / shape if facts.rotation % 180 else shape
