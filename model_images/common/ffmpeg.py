"""Running ffmpeg and ffprobe: hostile files fenced in, progress told, bytes repeatable."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import IO, Any

from airdub.errors import AirdubError, EngineFailed, InvalidInput
from airdub.units import CLOCK_HZ, TICKS_PER_MS, round_half_up
from model_images.common.programs import run_program, start_program, stderr_tail

CONTAINERS = ("mov", "matroska", "mpegts", "mpeg", "avi", "flv", "mxf", "ogg", "asf")
"""Demuxers of videos that airdub reads. Playlists (hls, dash, concat) aren't among them: a file
that is sent in may not make us open other files or addresses."""

BITEXACT = ("-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact")
"""Output options: no dates, no library versions, the same bytes every time."""

Report = Callable[[int, int, str], None]

_OWN_FORMATS = ("wav", "w64", "srt")
_FENCE = (
    "-protocol_whitelist",
    "file,pipe",
    "-format_whitelist",
    ",".join(CONTAINERS + _OWN_FORMATS),
)
_LOOK_FAR = ("-probesize", "64M", "-analyzeduration", "30M")  # streams that begin late
_LOG_TAIL = 1 << 16


def file_url(path: Path) -> str:
    """The path as an ffmpeg address: no name (`-x`, `a:b`, `%d`) is taken for anything else."""
    return f"file:{path.absolute()}"


def input_arguments(path: Path, *, offset: Fraction = Fraction(0)) -> list[str]:
    """`-i` with the fence against playlists and addresses.

    Args:
        offset: seconds added to every time stamp (exact with `-copyts` only).
    """
    shift = ["-itsoffset", f"{round_half_up(offset * 1_000_000)}us"] if offset else []
    return [*_FENCE, *_LOOK_FAR, "-fflags", "+genpts", *shift, "-i", file_url(path)]


def probe_json(path: Path) -> dict[str, Any]:
    """What ffprobe says about format, streams and chapters. Headers' claims, not measurements.

    Raises:
        InvalidInput: ffprobe can't open the file as one of `CONTAINERS`.
    """
    command = ["ffprobe", "-v", "error", *_FENCE, *_LOOK_FAR, "-of", "json"]
    command += ["-show_format", "-show_streams", "-show_chapters", file_url(path)]
    done = run_program(
        command, what="reading the streams", where=path.name, failure=InvalidInput, timeout_s=300
    )
    return dict(json.loads(done.stdout.decode("utf-8", "replace")))


@contextmanager
def program_output(
    command: Sequence[str],
    *,
    what: str,
    where: str = "",
    remedy: str = "",
    failure: type[AirdubError] = EngineFailed,
    log: IO[bytes] | None = None,
) -> Iterator[IO[bytes]]:
    """A program's standard output while it runs. Leaving early kills it.

    Args:
        log: a file that takes its standard error; None: a temporary one.

    Raises:
        AirdubError: `failure`, when it ends with another status than 0.
    """
    with tempfile.TemporaryFile() as temporary:
        complaints = log or temporary
        process = start_program(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=complaints
        )
        with process:
            try:
                assert process.stdout is not None  # noqa: S101 - asked for above
                yield process.stdout
            except BaseException:
                process.kill()
                raise
        if process.returncode:
            tail = stderr_tail(read_tail(complaints))
            raise failure(
                f"{what} failed ({command[0]} ended with {process.returncode}): {tail}",
                where=where or command[0],
                remedy=remedy,
            )


def read_tail(log: IO[bytes]) -> bytes:
    """The last 64 KiB of a log."""
    log.seek(max(0, log.seek(0, 2) - _LOG_TAIL))
    return log.read()


@dataclass(frozen=True)
class FfmpegRun:
    """What a finished run said.

    Attributes:
        frames: video frames that it wrote.
        log: the end of its log at the level asked for.
    """

    frames: int
    log: str


def run_ffmpeg(
    arguments: Sequence[str],
    *,
    what: str,
    where: str = "",
    remedy: str = "",
    failure: type[AirdubError] = EngineFailed,
    log_level: str = "error",
    length_ticks: int = 0,
    report: Report | None = None,
) -> FfmpegRun:
    """Run ffmpeg to its end.

    Args:
        arguments: all but the program and the options that every run has.
        length_ticks: expected length of the output, for `report(done_s, total_s, unit)`.

    Raises:
        AirdubError: `failure`, when ffmpeg fails.
    """
    command = ["ffmpeg", "-hide_banner", "-nostdin", "-nostats", "-y", "-v", log_level]
    command += ["-progress", "pipe:1", *arguments]
    frames = 0
    total_s = length_ticks // CLOCK_HZ
    with tempfile.TemporaryFile() as log:
        with program_output(
            command, what=what, where=where, remedy=remedy, failure=failure, log=log
        ) as lines:
            for line in lines:
                name, _, value = line.decode("ascii", "replace").strip().partition("=")
                if name == "frame":
                    frames = int(value)
                elif name == "out_time_us" and report and total_s and value.isdigit():
                    report(min(total_s, int(value) // 1_000_000), total_s, "s")
        return FfmpegRun(frames, read_tail(log).decode("utf-8", "replace"))


@dataclass(frozen=True)
class Loudness:
    """Of a whole stream: integrated loudness in LUFS (None: nothing above the gate), dBTP, and
    loudness range in LU (EBU Tech 3342; None as well)."""

    integrated_lufs: float | None
    true_peak_dbtp: float | None
    range_lu: float | None = None


def measure_loudness(
    path: Path, stream: str, *, length_ticks: int = 0, report: Report | None = None
) -> Loudness:
    """Decode a stream and measure it by EBU R 128 (ITU-R BS.1770-4: K-weighted, gated; true peak
    4x oversampled), as ffmpeg's `ebur128` does.

    Args:
        stream: ffmpeg's specifier: `0:a:0`.
    """
    arguments = [*input_arguments(path), "-map", stream]
    arguments += ["-af", "ebur128=peak=true:framelog=verbose", "-f", "null", "-"]
    run = run_ffmpeg(
        arguments,
        what="measuring loudness",
        where=path.name,
        log_level="info",
        length_ticks=length_ticks,
        report=report,
    )
    return parse_loudness(run.log)


def parse_loudness(log: str) -> Loudness:
    """Read the summary that `ebur128` writes at its end.

    Raises:
        EngineFailed: there is none.
    """
    _, found, summary = log.rpartition("Summary:")
    if not found:
        raise EngineFailed("ffmpeg's ebur128 gave no summary", where="measuring loudness")
    level = re.search(r"I:\s+(-?[\d.]+|-inf|nan) LUFS", summary)
    peak = re.search(r"Peak:\s+(-?[\d.]+|-inf|nan) dBFS", summary)
    spread = re.search(r"LRA:\s+(-?[\d.]+|-inf|nan) LU", summary)
    lufs, dbtp, range_lu = (_number(match) for match in (level, peak, spread))
    if lufs is None or lufs <= -70.0:
        return Loudness(None, dbtp)
    return Loudness(lufs, dbtp, range_lu)


def _number(match: re.Match[str] | None) -> float | None:
    if match is None or match[1] in ("-inf", "nan"):
        return None
    return float(match[1])


def milliseconds(ticks: int) -> float:
    """Ticks as milliseconds for measurements and messages."""
    return round(ticks / TICKS_PER_MS, 3)
