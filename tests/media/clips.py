"""Small awkward videos for tests, each written by one call: `CLIPS["rotated"](path)`.

All are two seconds of a test picture and tones unless their name says otherwise, and the same bytes
at every call.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from pathlib import Path

from model_images.common.programs import run_program

SECONDS = 2
_PICTURE = "testsrc2=size={size}:rate={rate}:duration={seconds}"
_TONE = "aevalsrc=exprs={exprs}:channel_layout={layout}:sample_rate=48000:duration={seconds}"
_H264 = ("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-threads", "1")
_AAC = ("-c:a", "aac", "-b:a", "96k")
_LAYOUTS = {1: "mono", 2: "stereo", 6: "5.1"}

Builder = Callable[[Path], Path]


def ffmpeg(arguments: Sequence[str], target: Path) -> Path:
    """Run ffmpeg so that the same arguments give the same bytes."""
    exact = ["-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact"]
    command = ["ffmpeg", "-v", "error", "-nostdin", "-y", *arguments, *exact, str(target)]
    run_program(command, what="building a clip", where=target.name)
    return target


def picture(size: str = "160x120", rate: str = "25", seconds: float = SECONDS) -> list[str]:
    """Input arguments of a moving test picture."""
    return ["-f", "lavfi", "-i", _PICTURE.format(size=size, rate=rate, seconds=seconds)]


def tones(channels: int = 2, seconds: float = SECONDS, level: float = 0.2) -> list[str]:
    """Input arguments of one tone per channel: 220 Hz, 440 Hz and so on, each its own."""
    exprs = "|".join(f"{level}*sin({220 * 2 * (i + 1)}*PI*t)" for i in range(channels))
    layout = _LAYOUTS[channels]
    return ["-f", "lavfi", "-i", _TONE.format(exprs=exprs, layout=layout, seconds=seconds)]


def plain(target: Path, *, size: str = "160x120", rate: str = "25", channels: int = 2,
          seconds: float = SECONDS, output: Sequence[str] = ()) -> Path:  # fmt: skip
    """H.264 and AAC; `output` are further ffmpeg output options."""
    inputs = [*picture(size, rate, seconds), *tones(channels, seconds)]
    return ffmpeg([*inputs, *_H264, *_AAC, *output], target)


def variable_rate(target: Path) -> Path:
    """Frame gaps of 33 and 67 ms in turn, as phones record: every third of 30 fps is missing."""
    inputs = [*picture(rate="30"), *tones()]
    drop = ["-vf", "select='lt(mod(n,3),2)'", "-fps_mode", "vfr", "-video_track_timescale", "90000"]
    return ffmpeg([*inputs, *drop, *_H264, *_AAC], target)


def rotated(target: Path) -> Path:
    """Coded 160x120, shown 120x160: a display matrix of 90 degrees."""
    flat = plain(target.with_name(f"flat-{target.name}"))
    ffmpeg(["-i", str(flat), "-c", "copy", "-metadata:s:v:0", "rotate=90"], target)
    flat.unlink()
    return target


def odd_size(target: Path) -> Path:
    """161x121 pixels of 4:2:0 (MPEG-4 part 2: x264 refuses them)."""
    codec = ["-c:v", "mpeg4", "-q:v", "3"]
    source = ["-f", "lavfi", "-i", f"testsrc=size=161x121:rate=25:duration={SECONDS}"]
    return ffmpeg([*source, *tones(), *codec, "-pix_fmt", "yuv420p", *_AAC], target)


def silent(target: Path) -> Path:
    """An audio stream of digital silence."""
    return ffmpeg([*picture(), *tones(level=0.0), *_H264, *_AAC], target)


def late_audio(target: Path, delay_s: float = 0.5) -> Path:
    """Audio starts later than the picture."""
    inputs = [*picture(), "-itsoffset", str(delay_s), *tones(seconds=SECONDS - delay_s)]
    return ffmpeg([*inputs, *_H264, *_AAC], target)


def short_audio(target: Path) -> Path:
    """Audio ends after half of the picture."""
    return ffmpeg([*picture(), *tones(seconds=SECONDS / 2), *_H264, *_AAC], target)


def chapters(target: Path) -> Path:
    """Two chapters, `Opening` and `Ending`, of a second each."""
    marks = target.with_name(f"{target.stem}.ffmetadata")
    chapter = "[CHAPTER]\nTIMEBASE=1/1000\nSTART={}\nEND={}\ntitle={}\n"
    rows = chapter.format(0, 1000, "Opening") + chapter.format(1000, 2000, "Ending")
    marks.write_text(";FFMETADATA1\n" + rows)
    inputs = [*picture(), *tones(), "-i", str(marks), "-map_metadata", "2", "-map_chapters", "2"]
    ffmpeg([*inputs, "-map", "0:v", "-map", "1:a", *_H264, *_AAC], target)
    marks.unlink()
    return target


def hevc_10_bit(target: Path, *, hdr: bool = False) -> Path:
    """HEVC Main 10; with `hdr` tagged as PQ in BT.2020."""
    color = ["-color_primaries", "bt2020", "-color_trc", "smpte2084", "-colorspace", "bt2020nc"]
    codec = ["-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le", "-tag:v", "hvc1"]
    codec += ["-x265-params", "log-level=error:pools=1:frame-threads=1:info=0"]
    return ffmpeg([*picture(), *tones(), *codec, *(color if hdr else []), *_AAC], target)


def no_audio(target: Path) -> Path:
    """A picture alone."""
    return ffmpeg([*picture(), *_H264], target)


def no_video(target: Path) -> Path:
    """Sound alone."""
    return ffmpeg([*tones(), *_AAC], target)


def two_frames(target: Path) -> Path:
    """A picture of two frames."""
    return plain(target, seconds=0.08)


def truncated(target: Path) -> Path:
    """The index is in front, the last half of the data is missing."""
    plain(target, output=["-movflags", "+faststart"])
    data = target.read_bytes()
    target.write_bytes(data[: len(data) // 2])
    return target


def no_index(target: Path) -> Path:
    """The end of the file, and with it the index, is missing."""
    plain(target)
    data = target.read_bytes()
    target.write_bytes(data[: data.rindex(b"moov") - 4])
    return target


def text(target: Path) -> Path:
    """A text file with a video's name."""
    target.write_text("This is not a video.\n" * 40)
    return target


def empty(target: Path) -> Path:
    """No bytes at all."""
    target.write_bytes(b"")
    return target


def four_hours(target: Path) -> Path:
    """Headers claim four hours over two seconds of data: movie, track and media durations."""
    plain(target)
    data = bytearray(target.read_bytes())
    moov = data.rindex(b"moov")
    for kind, scale_at, duration_at in ((b"mvhd", 16, 20), (b"tkhd", None, 24), (b"mdhd", 16, 20)):
        at = data.find(kind, moov)
        while at != -1:
            box = at - 4  # version 0 boxes: offsets count from the size field
            scale = struct.unpack_from(">I", data, box + scale_at + 4)[0] if scale_at else 1000
            struct.pack_into(">I", data, box + duration_at + 4, 4 * 3600 * scale)
            at = data.find(kind, at + 4)
    target.write_bytes(data)
    return target


CLIPS: dict[str, Builder] = {
    "plain": plain,
    "film_rate": lambda path: plain(path, rate="24000/1001"),
    "ntsc_rate": lambda path: plain(path, rate="30000/1001"),
    "mono": lambda path: plain(path, channels=1),
    "surround": lambda path: plain(path, channels=6),
    "variable_rate": variable_rate,
    "rotated": rotated,
    "odd_size": odd_size,
    "silent": silent,
    "late_audio": late_audio,
    "short_audio": short_audio,
    "chapters": chapters,
    "hevc_10_bit": hevc_10_bit,
    "hdr": lambda path: hevc_10_bit(path, hdr=True),
    "no_audio": no_audio,
    "no_video": no_video,
    "two_frames": two_frames,
    "truncated": truncated,
    "no_index": no_index,
    "text": text,
    "empty": empty,
    "four_hours": four_hours,
}
"""Every clip by name; targets end in `.mp4`."""
