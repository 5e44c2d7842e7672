"""The moving picture of a file: what it says of itself, and a digest of all that it shows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av

from airdub.errors import InvalidInput
from airdub.media import VideoFacts
from airdub.units import CLOCK_HZ, rescale
from model_images.common.pictures import Layout, Picture, layout_of, read_pictures

THREADS = 1


@dataclass(frozen=True)
class Film:
    """A file's moving picture.

    Attributes:
        facts: as coded; `rotation` is the file's own.
        digest: sha256 of its packets, their times since the first, and the decoder's set-up: films
            with equal digests show the same, pixel by pixel.
    """

    path: Path
    facts: VideoFacts
    digest: str

    @property
    def layout(self) -> Layout:
        """Its pictures once they are upright."""
        return layout_of(self.facts)

    def pictures(self) -> Iterator[Picture]:
        """Decode it."""
        return read_pictures(self.path, self.facts)


def read_film(path: Path, source: VideoFacts, *, index: int) -> Film:
    """Describe stream `index` of a file.

    Args:
        source: facts of the picture that the film shows, or shows anew: its rate is the film's.

    Raises:
        InvalidInput: the file can't be read.
    """
    try:
        digest = _digest(path, index)
        with av.open(str(path)) as container:
            stream = container.streams[index]
            first = next(container.decode(stream), None)
            facts = source.model_copy(
                update={
                    "index": index,
                    "codec": stream.codec_context.name,
                    "width": stream.codec_context.width,
                    "height": stream.codec_context.height,
                    "time_base": str(stream.time_base),
                    "pixel_format": stream.codec_context.pix_fmt or "",
                    "rotation": -first.rotation % 360 if first else 0,
                }
            )
    except (av.FFmpegError, IndexError) as error:
        raise InvalidInput(
            f"the picture can't be read: {error}", where=path.name, remedy="clear the task mux"
        ) from error
    return Film(path, facts, digest)


def _digest(path: Path, index: int) -> str:
    digest = hashlib.sha256()
    with av.open(str(path)) as container:
        stream = container.streams[index]
        base, first = Fraction(stream.time_base), None
        digest.update(stream.codec_context.extradata or b"")
        for packet in container.demux(stream):
            time = packet.pts
            first = time if first is None else first
            tick = (
                None if time is None or first is None else rescale(time - first, 1 / base, CLOCK_HZ)
            )
            digest.update(f"{tick} {packet.size}\n".encode())
            digest.update(bytes(packet))
    return digest.hexdigest()
