"""One video out of encoded chunks: packets are copied, nothing is encoded again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from airdub.errors import EngineFailed

Times = NDArray[np.int64]


@dataclass(frozen=True)
class Part:
    """An encoded chunk: its file, and the frames that it must hold."""

    path: Path
    span: tuple[int, int]


def delay_of(pts: Times) -> int:
    """Frames by which decoding must run ahead of showing.

    Args:
        pts: in decoding order.
    """
    return int((np.arange(len(pts)) - ranks(pts)).max(initial=0))


def ranks(pts: Times) -> Times:
    """The place of each packet in the order shown."""
    return np.argsort(np.argsort(pts))


def stitch(parts: Iterable[Part], target: Path, edges: Times, *, scale: int, delay: int) -> None:
    """Write chunks as one MP4; memory holds the packets of one at a time.

    MP4 and not Matroska, whose times are whole milliseconds in FFmpeg.

    Args:
        parts: in order.
        edges: when each frame is shown, and the end of the last, (frames + 1,), in units of
            1 / scale seconds.
        delay: the greatest of any chunk.

    Raises:
        EngineFailed: a chunk holds other frames, or was encoded in another way than the first.
    """
    decoded, lengths = decoding_times(edges, delay), np.diff(edges)
    options = {"fflags": "+bitexact", "movflags": "+faststart"}
    options |= {"video_track_timescale": str(scale), "movie_timescale": str(scale)}
    unit = Fraction(1, scale)
    with av.open(str(target), "w", format="mp4", container_options=options) as video:
        stream, parameters = None, None
        for part in parts:
            with av.open(str(part.path)) as container:
                chunk = container.streams.video[0]
                if stream is None:
                    stream, parameters = video.add_stream_from_template(chunk), _parameters(chunk)
                    stream.time_base = unit
                elif _parameters(chunk) != parameters:
                    raise _unfit(part, "it was encoded in another way than the first")
                for frame, number, packet in _packets(container, part):
                    packet.stream, packet.time_base = stream, unit
                    packet.pts, packet.dts = int(edges[frame]), int(decoded[number])
                    packet.duration = int(lengths[frame if number < len(lengths) - 1 else -1])
                    video.mux(packet)


def decoding_times(edges: Times, delay: int) -> Times:
    """DTS of all packets in decoding order: rising, none after its picture's PTS.

    They are the times at which frames are shown, `delay` frames later in the list. The first ones
    lie as far before the first frame as the last one lies before the last frame, so the stream is
    as long by its DTS as by its PTS.
    """
    shown = edges[:-1]
    lead = shown[-1] - shown[-1 - delay]
    before = shown[0] - lead * np.arange(delay, 0, -1) // max(delay, 1)
    return np.concatenate([before, shown])[: len(shown)]


def _packets(
    container: av.container.InputContainer, part: Part
) -> Iterator[tuple[int, int, av.Packet]]:
    """A chunk's packets in decoding order, each with its frame and its place in the whole video."""
    packets = [packet for packet in container.demux(video=0) if packet.size]
    first, end = part.span
    if len(packets) != end - first:
        raise _unfit(part, f"it holds {len(packets)} frames")
    shown = ranks(np.array([packet.pts for packet in packets], np.int64))
    for place, packet in enumerate(packets):
        yield first + int(shown[place]), first + place, packet


def _parameters(stream: av.VideoStream) -> tuple[bytes, tuple[int, int]]:
    """What every decoder is told once, before the first picture."""
    context = stream.codec_context
    return bytes(context.extradata or b""), (context.width, context.height)


def _unfit(part: Part, what: str) -> EngineFailed:
    first, end = part.span
    return EngineFailed(f"a chunk doesn't fit: {what}", where=f"frames {first} to {end - 1}")
