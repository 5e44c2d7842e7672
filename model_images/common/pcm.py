"""WAV files block by block: long titles are read and written in flat memory.

Samples are float32 arrays (frames, channels), full scale +-1. Integer files keep their exact
values in both directions: libsndfile alone reads by 1 / 2^23 and writes by 2^23 - 1, and stamps
the time of day into float WAV files; both are avoided here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from airdub.errors import EngineFailed, InvalidInput

Samples = NDArray[np.float32]
"""(frames, channels), full scale +-1."""

Subtype = Literal["PCM_16", "PCM_24", "FLOAT"]

BLOCK_FRAMES = 1 << 18
"""Frames of a block: 5.5 s at 48 kHz."""

_BITS = {"PCM_16": 16, "PCM_24": 24, "FLOAT": 32}
_RIFF_LIMIT_BYTES = (1 << 32) - (1 << 16)  # RIFF sizes are 32-bit; leave room for the header


@dataclass(frozen=True)
class PcmInfo:
    """What an audio file holds. `subtype` is libsndfile's name of the sample format."""

    sample_rate_hz: int
    channels: int
    frames: int
    subtype: str

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.frames / self.sample_rate_hz

    @property
    def exact_subtype(self) -> Subtype:
        """The sample format that holds this file's values without loss."""
        if self.subtype in ("FLOAT", "DOUBLE"):
            return "FLOAT"
        return "PCM_16" if self.subtype == "PCM_16" else "PCM_24"


def read_info(path: Path) -> PcmInfo:
    """Format and length of an audio file (WAV, RF64, FLAC and what else libsndfile reads).

    Raises:
        InvalidInput: it isn't one.
    """
    with _opened(path) as audio:
        return PcmInfo(audio.samplerate, audio.channels, audio.frames, audio.subtype)


def read_blocks(path: Path, block_frames: int = BLOCK_FRAMES) -> Iterator[Samples]:
    """The file from start to end in blocks; the last may be shorter.

    Raises:
        InvalidInput: no audio file, or it holds samples that are no numbers.
    """
    with _opened(path) as audio:
        while len(block := audio.read(block_frames, dtype="float32", always_2d=True)):
            yield _finite(block, path)


def read_span(path: Path, start: int, end: int) -> Samples:
    """Frames `start` up to `end`; what lies outside the file is silence.

    Raises:
        InvalidInput: as `read_blocks`.
    """
    with _opened(path) as audio:
        first, last = max(0, start), min(end, audio.frames)
        span = np.zeros((max(0, end - start), audio.channels), np.float32)
        if first < last:
            audio.seek(first)
            block = audio.read(last - first, dtype="float32", always_2d=True)
            span[first - start : first - start + len(block)] = _finite(block, path)
        return span


def _opened(path: Path) -> soundfile.SoundFile:
    try:
        return soundfile.SoundFile(path)
    except (soundfile.LibsndfileError, TypeError) as error:  # TypeError: header-less suffixes
        raise InvalidInput(
            f"can't be read as audio: {error}",
            where=path.name,
            remedy="give a WAV, RF64 or FLAC file",
        ) from error


def _finite(block: Samples, path: Path) -> Samples:
    if not np.isfinite(block).all():
        raise InvalidInput(
            "holds samples that are NaN or infinite", where=path.name, remedy="export it again"
        )
    return block


class WavWriter:
    """Writes a WAV of known length block by block; the same samples give the same bytes.

    It is RF64 when RIFF can't hold it (4 GiB), and for float samples, whose WAV header libsndfile
    dates. More than two channels carry a channel mask in the usual order (FL FR FC LFE BL BR).

    Args:
        frames: how many will be written in all.

    Raises:
        EngineFailed: on leaving, when another number was written.
    """

    def __init__(
        self,
        path: Path,
        *,
        sample_rate_hz: int,
        channels: int,
        frames: int,
        subtype: Subtype = "PCM_24",
    ) -> None:
        self._path, self._frames, self._subtype = path, frames, subtype
        self._file = soundfile.SoundFile(
            path,
            "w",
            samplerate=sample_rate_hz,
            channels=channels,
            format=container(frames, channels, subtype),
            subtype=subtype,
        )

    def write(self, block: Samples) -> None:
        """Append (frames, channels) samples, or (frames,) of a mono file; integers clip at +-1."""
        self._file.write(block if self._subtype == "FLOAT" else to_integers(block, self._subtype))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        written = self._file.frames
        self._file.close()
        if kind is None and written != self._frames:
            raise EngineFailed(
                f"{written} frames were written where {self._frames} were announced",
                where=self._path.name,
            )


def container(frames: int, channels: int, subtype: Subtype) -> Literal["WAV", "WAVEX", "RF64"]:
    """libsndfile's name of the container that suits a file of this size."""
    if subtype == "FLOAT" or frames * channels * _BITS[subtype] // 8 > _RIFF_LIMIT_BYTES:
        return "RF64"
    return "WAVEX" if channels > 2 else "WAV"


def to_integers(block: Samples, subtype: Subtype) -> NDArray[np.int32]:
    """Samples as 32-bit integers whose upper bits are the exact 16- or 24-bit values."""
    bits = _BITS[subtype]
    full = np.float64(1 << (bits - 1))
    steps = np.clip(np.rint(block * full), -full, full - 1).astype(np.int32)
    return steps << (32 - bits)


def write_wav(
    path: Path, samples: Samples, sample_rate_hz: int, subtype: Subtype = "PCM_24"
) -> None:
    """Write a short signal, (frames,) or (frames, channels), at once."""
    channels = 1 if samples.ndim == 1 else samples.shape[1]
    with WavWriter(
        path,
        sample_rate_hz=sample_rate_hz,
        channels=channels,
        frames=len(samples),
        subtype=subtype,
    ) as wav:
        wav.write(samples)


def resample_blocks(
    blocks: Iterable[Samples], from_hz: int, to_hz: int, channels: int
) -> Iterator[Samples]:
    """Convert the sample rate of a stream (soxr, very high quality, no delay)."""
    if from_hz == to_hz:
        yield from blocks
        return
    stream = soxr.ResampleStream(from_hz, to_hz, channels, dtype="float32", quality="VHQ")
    for block in blocks:
        yield _columns(stream.resample_chunk(block), channels)
    yield _columns(stream.resample_chunk(np.zeros((0, channels), np.float32), last=True), channels)


def _columns(block: Samples, channels: int) -> Samples:
    return block.reshape(-1, channels)


def dialogue_channels(channels: int) -> tuple[int, ...]:
    """Channels in which speech lies: the centre where there is one, else the front pair.

    Files are in the usual order: FL FR FC LFE BL BR (SL SR); three channels are FL FR FC, four
    are FL FR BL BR.
    """
    if channels in (1, 2):
        return tuple(range(channels))
    return (0, 1) if channels == 4 else (2,)
