"""A video's pictures, one after the other, upright, with their exact presentation times.

Frames come in presentation order and are numbered from 0. A player's rotation is applied to the
pixels, so that every stage that counts pixels counts those which a viewer sees. Nothing but the
current picture is held.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import chain, dropwhile, pairwise
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace
from numpy.typing import NDArray

from airdub.errors import InvalidInput
from airdub.media import VideoFacts
from airdub.units import CLOCK_HZ, rescale
from model_images.common.transport import ends_within_a_picture

Plane = NDArray[np.uint8]
Planes = tuple[Plane, Plane, Plane]
"""Y, U, V as (height, width) arrays; U and V are smaller where the format halves the colour."""

_PLANAR = {"yuv420p": (2, 2), "yuv422p": (2, 1), "yuv444p": (1, 1)}


@dataclass(frozen=True)
class Layout:
    """How a picture's pixels lie once it is upright.

    Attributes:
        width, height: as a viewer sees it.
        pixel_format: `yuv420p`, `yuv422p` or `yuv444p`.
        quarter_turns: clockwise turns that make a coded frame upright.
    """

    width: int
    height: int
    pixel_format: str
    quarter_turns: int = 0

    @property
    def chroma_step(self) -> tuple[int, int]:
        """Luma pixels per colour pixel: across, down."""
        return _PLANAR[self.pixel_format]


def layout_of(facts: VideoFacts) -> Layout:
    """The upright layout of a video's pictures, in 8 bit.

    The colour resolution is the source's. 4:4:4 takes over where H.264 can't hold it: odd sizes
    (4:2:0 needs pairs of pixels), 4:2:2 on its side, and formats that aren't planar YCbCr.
    """
    turns = facts.rotation // 90 % 4
    width, height = (facts.height, facts.width) if turns % 2 else (facts.width, facts.height)
    pixel_format = facts.pixel_format.replace("yuvj", "yuv").replace("nv12", "yuv420p")
    across, down = _PLANAR.get(pixel_format, (1, 1))
    if facts.width % across or facts.height % down or (turns % 2 and across != down):
        pixel_format = "yuv444p"
    if pixel_format not in _PLANAR:
        pixel_format = "yuv444p"
    return Layout(width, height, pixel_format, turns)


@dataclass(frozen=True)
class Picture:
    """One decoded frame.

    Attributes:
        index: number in presentation order, from 0.
        pts: presentation time in the stream's time base, as the file has it.
        tick: ticks of the 48 kHz clock since the first frame.
        interlaced: the frame holds two fields of different instants.
    """

    index: int
    pts: int
    tick: int
    interlaced: bool
    layout: Layout
    frame: av.VideoFrame

    @cached_property
    def rgb(self) -> NDArray[np.uint8]:
        """Upright uint8 (height, width, 3) RGB."""
        return self._upright(self.frame.to_ndarray(format="rgb24"))

    @cached_property
    def planar(self) -> av.VideoFrame:
        """The frame in the layout's pixel format, with the matrix and range that it is in.

        What isn't YCbCr becomes BT.709 in limited range, as every player knows it.
        """
        frame, wanted = self.frame, self.layout.pixel_format
        if frame.format.is_rgb or frame.format.name == "pal8":
            return frame.reformat(
                format=wanted, dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG
            )
        same = frame.format.name.replace("yuvj", "yuv") == wanted
        return frame if same else frame.reformat(format=wanted)

    @cached_property
    def planes(self) -> Planes:
        """Upright Y, U, V in the layout's pixel format: the decoder's own memory, not to be
        written to (later frames are predicted from it)."""
        y, u, v = (self._upright(plane_view(plane)) for plane in self.planar.planes)
        return y, u, v

    def _upright(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        if not self.layout.quarter_turns:
            return pixels
        return np.ascontiguousarray(np.rot90(pixels, -self.layout.quarter_turns))


def plane_view(plane: av.video.plane.VideoPlane) -> Plane:
    """A frame's plane as a (height, width) array over its own memory, padding left out."""
    rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
    return rows[: plane.height, : plane.width]


def read_pictures(source: Path, facts: VideoFacts) -> Iterator[Picture]:
    """Decode a video's pictures in presentation order.

    Raises:
        InvalidInput: the file can't be decoded, or changes its size on the way.
    """
    layout = layout_of(facts)
    index, first, last = 0, 0, 0
    try:
        with av.open(str(source)) as container:
            stream = open_stream(container, facts)
            base = Fraction(stream.time_base)
            for frame in decoded(whole_packets(container, stream)):
                check_size(frame, facts, source, index)
                pts = _presentation_time(frame, facts, base, last, index)
                first = pts if index == 0 else first
                tick = rescale(pts - first, 1 / base, CLOCK_HZ)
                yield Picture(index, pts, tick, bool(frame.interlaced_frame), layout, frame)
                index, last = index + 1, pts
    except av.FFmpegError as error:
        raise undecodable(source, index, error) from error


def open_stream(container: av.container.InputContainer, facts: VideoFacts) -> av.VideoStream:
    """The video's stream, to be decoded by one thread.

    What decoders make of damaged pictures depends on what they decoded before, and on how many
    threads do it: damage that they see is an error.
    """
    stream = container.streams[facts.index]
    stream.codec_context.thread_count = 1
    stream.codec_context.options = {"err_detect": "explode"}
    return stream


def whole_packets(
    container: av.container.InputContainer, stream: av.VideoStream
) -> Iterator[av.Packet]:
    """Packets from the next keyframe on: nothing before it can be decoded.

    The last one is left out where the file was cut off: half a picture would be made up by the
    decoder, each time in another way.
    """
    packets = dropwhile(lambda packet: not packet.is_keyframe, container.demux(stream))
    broadcast = container.format.name == "mpegts"
    cut = broadcast and ends_within_a_picture(Path(container.name), stream.id)
    for packet, following in pairwise(chain(packets, [None])):
        last = packet.size and (following is None or not following.size)
        if not (last and (cut or packet.is_corrupt)):
            yield packet


def with_leading(packets: Iterable[av.Packet]) -> Iterator[tuple[av.Packet, bool]]:
    """Packets from a keyframe on, and whether each leads: it is decoded after the keyframe and
    shown before it (open GOP), and lacks what it refers to."""
    key: av.Packet | None = None
    leading = False
    for packet in packets:
        leading = key is None or (leading and _is_before(packet.pts, key.pts))
        key = key or packet
        yield packet, leading and packet is not key


def decoded(packets: Iterable[av.Packet]) -> Iterator[av.VideoFrame]:
    """Pictures from the first packet's on, which is a keyframe; none of those that lead.

    Where the last packet is damaged (a copy of a recording that was cut), its picture is left out.
    """
    start = torn = None
    early, failed = True, None
    for number, (packet, leading) in enumerate(with_leading(packets)):
        start = packet.pts if number == 0 else start
        if failed and packet.size:
            raise failed
        try:
            frames = packet.decode()
        except av.FFmpegError as error:
            if not packet.size:
                raise
            if not leading:
                failed, torn = error, packet.pts
            continue
        for frame in frames:
            early = early and _is_before(frame.pts, start)
            if not early and not (failed and frame.pts == torn):
                yield frame


def _is_before(pts: int | None, other: int | None) -> bool:
    return pts is not None and other is not None and pts < other


def undecodable(source: Path, frame: int, why: object) -> InvalidInput:
    """The error of a video that can't be decoded from a frame on."""
    return InvalidInput(
        f"the video can't be decoded: {why}",
        where=f"{source.name}, frame {frame}",
        remedy="re-export the video, or conceal the damage for good by a copy: "
        "`ffmpeg -i FILE -c:v libx264 -crf 16 -c:a copy NEW.mkv`",
    )


def _presentation_time(
    frame: av.VideoFrame, facts: VideoFacts, base: Fraction, last: int, index: int
) -> int:
    """The frame's PTS; where the file has none, or one that doesn't rise, the next at the rate."""
    if frame.pts is not None and (index == 0 or frame.pts > last):
        return int(frame.pts)
    if index == 0:
        return 0
    return last + max(1, rescale(1, facts.rate or 25, 1 / base))


def check_size(frame: av.VideoFrame, facts: VideoFacts, source: Path, index: int) -> None:
    """Raises InvalidInput for a frame of another size than the first."""
    if (frame.width, frame.height) != (facts.width, facts.height):
        raise InvalidInput(
            f"the picture's size changes from {facts.width}x{facts.height} to "
            f"{frame.width}x{frame.height}",
            where=f"{source.name}, frame {index}",
            remedy="re-export the video with one size throughout",
        )
