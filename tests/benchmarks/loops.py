"""Long videos out of a short one: the same seconds again and again, sound and script in step."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

from airdub.units import CLOCK_HZ, TICKS_PER_MS
from model_images.common.programs import run_program
from tests.media.containers import describe
from tests.media.film import TICKS_PER_FRAME

_TIME = re.compile(r"(\d{2}):(\d{2}):(\d{2}),(\d{3})")


def loop(video: Path, minutes: float, folder: Path) -> tuple[Path, float]:
    """Repeat a sample, and the script beside it, for at least so many minutes.

    The picture's packets are copied. The sound is decoded and encoded again: AAC packets reach
    beyond the picture's end, and copies of them would run away from it.

    Returns:
        The video and its length in seconds.
    """
    length = describe(video)["frames"] * TICKS_PER_FRAME
    times = -(-round(minutes * 60 * CLOCK_HZ) // length)
    target = folder / f"{video.stem}_{minutes:g}_min.mp4"
    picture, sound = folder / "picture.mp4", folder / "sound.wav"
    exact = f"apad=whole_len={length},atrim=end_sample={length}"
    _ffmpeg(["-i", str(video), "-map", "0:v", "-c", "copy"], picture)
    _ffmpeg(["-i", str(video), "-map", "0:a", "-af", exact], sound)
    again = ["-stream_loop", str(times - 1)]
    inputs = [*again, "-i", str(picture), *again, "-i", str(sound)]
    _ffmpeg([*inputs, "-c:v", "copy", "-c:a", "aac", "-b:a", "160k"], target)
    picture.unlink()
    sound.unlink()
    script = video.with_suffix(".srt")
    if script.exists():
        text = loop_script(script.read_text(encoding="utf-8"), times, length)
        target.with_suffix(".srt").write_text(text, encoding="utf-8")
    return target, float(Fraction(times * length, CLOCK_HZ))


def loop_script(srt: str, times: int, length: int) -> str:
    """An SRT repeated, each time `length` ticks later, cues numbered through."""
    cues = [block.split("\n", 1)[1] for block in srt.strip().split("\n\n")]
    shifted = [
        _TIME.sub(lambda match, turn=turn: _later(match, turn * length), cue)
        for turn in range(times)
        for cue in cues
    ]
    return "\n".join(f"{number}\n{cue}\n" for number, cue in enumerate(shifted, 1))


def _later(match: re.Match[str], ticks: int) -> str:
    hours, minutes, seconds, ms = map(int, match.groups())
    total = ((hours * 60 + minutes) * 60 + seconds) * 1000 + ms + ticks // TICKS_PER_MS
    rest, ms = divmod(total, 1000)
    return f"{rest // 3600:02d}:{rest // 60 % 60:02d}:{rest % 60:02d},{ms:03d}"


def _ffmpeg(arguments: list[str], target: Path) -> None:
    run_program(
        ["ffmpeg", "-v", "error", "-nostdin", "-y", *arguments, str(target)],
        what="looping a sample",
        where=target.name,
    )
