"""What is in a finished file: streams, packets, boxes, chapters, loudness."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model_images.common.programs import run_program

RATE_HZ = 48_000
SILENCE_DB = -120.0
"""What stands for a level of minus infinity."""


def _ffprobe(path: Path, *arguments: str) -> dict[str, Any]:
    command = ["ffprobe", "-v", "error", *arguments, "-of", "json", str(path)]
    return dict(json.loads(run_program(command, what="probing", where=path.name).stdout))


def describe(path: Path) -> dict[str, Any]:
    """Frames, durations in seconds, streams and chapters of a file."""
    facts = _ffprobe(path, "-count_packets", "-show_streams", "-show_format", "-show_chapters")
    streams = [
        {
            "type": stream["codec_type"],
            "codec": stream.get("codec_name"),
            "language": stream.get("tags", {}).get("language"),
            "default": bool(stream["disposition"]["default"]),
            "duration_s": float(stream.get("duration", 0)),
            "packets": int(stream["nb_read_packets"]),
            "channels": stream.get("channels"),
        }
        for stream in facts["streams"]
        if stream["codec_type"] in ("video", "audio", "subtitle")
    ]
    video = next((stream for stream in streams if stream["type"] == "video"), None)
    return {
        "frames": video["packets"] if video else 0,
        "duration_s": float(facts["format"]["duration"]),
        "streams": streams,
        "chapters": [
            {
                "start_s": float(chapter["start_time"]),
                "end_s": float(chapter["end_time"]),
                "title": chapter.get("tags", {}).get("title", ""),
            }
            for chapter in facts["chapters"]
        ],
    }


def packet_hashes(path: Path, audio_stream: int) -> list[str]:
    """Digest of the payload of each packet of an audio stream, in file order."""
    packets = _ffprobe(
        path, "-select_streams", f"a:{audio_stream}", "-show_data_hash", "sha256",
        "-show_entries", "packet=data_hash",
    )  # fmt: skip
    return [packet["data_hash"] for packet in packets["packets"]]


def is_faststart(path: Path) -> bool:
    """Whether an MP4's index (`moov`) lies before its media data (`mdat`)."""
    with path.open("rb") as stream:
        while len(header := stream.read(8)) == 8:
            size, kind = int.from_bytes(header[:4], "big"), header[4:]
            if kind in (b"moov", b"mdat"):
                return kind == b"moov"
            skipped = 8
            if size == 1:
                size, skipped = int.from_bytes(stream.read(8), "big"), 16
            if size < skipped:
                break
            stream.seek(size - skipped, 1)
    return False


def loudness(path: Path, audio_stream: int = 0) -> dict[str, float]:
    """Integrated loudness (LUFS), range (LU) and true peak (dBTP) of a decoded stream."""
    command = ["ffmpeg", "-hide_banner", "-nostats", "-i", str(path), "-map", f"0:a:{audio_stream}"]
    command += ["-af", "ebur128=peak=true:framelog=verbose", "-f", "null", "-"]
    log = run_program(command, what="measuring loudness", where=path.name).stderr.decode()
    return parse_loudness(log)


def parse_loudness(log: str) -> dict[str, float]:
    """The numbers of ebur128's summary, the last in the log."""
    summary = log[log.rindex("Summary:") :]

    def number(label: str) -> float:
        found = re.search(rf"{label}:\s+(-?[\d.]+|-inf)", summary)
        if found is None:
            raise ValueError(f"no {label} in {summary!r}")
        return max(float(found[1]), SILENCE_DB)

    return {
        "integrated_lufs": number("I"),
        "range_lu": number("LRA"),
        "true_peak_dbtp": number("Peak"),
    }


def decode_audio(path: Path, audio_stream: int = 0) -> NDArray[np.float64]:
    """A stream as 48 kHz samples, (n, channels), from time 0 of the file."""
    channels = next(
        int(stream["channels"])
        for stream in _ffprobe(path, "-select_streams", f"a:{audio_stream}", "-show_streams")[
            "streams"
        ]
    )
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-map", f"0:a:{audio_stream}"]
    command += ["-af", f"aresample={RATE_HZ}:async=1:first_pts=0", "-f", "f32le", "-"]
    data = run_program(command, what="decoding the sound", where=path.name).stdout
    return np.frombuffer(data, np.float32).reshape(-1, channels).astype(np.float64)
