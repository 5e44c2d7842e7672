"""The timing lines of SubRip and WebVTT: checked and respelled before a library reads the file.

The libraries skip what they can't read: pysubs2 takes `-00:00:01,000` for one second and a broken
timing line for spoken text. Here each line that means to be a timing line is read strictly, every
error has its line number, and the libraries then get times they can't misread.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from airdub.subtitles.script import MAX_CUES, refusal, too_many_cues
from airdub.subtitles.timecodes import FrameClock, is_label, parse_time
from airdub.units import ticks_to_ms

MAX_LINE = 5_000
"""Characters; no line of a subtitle is longer, and some expressions take quadratic time on it."""

_ARROW = re.compile(r"-+\s?>")
_CLOCK_LIKE = re.compile(r"\d\s?[:：]")
_TIMES = re.compile(r"(?P<start>\S+)[ \t]*-->[ \t]*(?P<end>\S+)(?:[ \t].*)?")
_REMEDY = "write the times as HH:MM:SS,mmm --> HH:MM:SS,mmm"


@dataclass(frozen=True)
class Timing:
    """A cue's timing line.

    Attributes:
        line: number of the line, from 1.
        cue: number of the cue, from 1.
        start, end: ticks.
        label: the times count frames (SMPTE labels), with `drop` for drop-frame.
    """

    line: int
    cue: int
    start: int
    end: int
    label: bool = False
    drop: bool = False

    @property
    def place(self) -> str:
        """For messages."""
        return f"line {self.line}, cue {self.cue}"

    def respelt(self, point: str) -> str:
        """The line in the spelling of SubRip (`,`) or WebVTT (`.`), without cue settings."""
        return f"{clock_text(self.start, point)} --> {clock_text(self.end, point)}"


def clock_text(ticks: int, point: str) -> str:
    """`HH:MM:SS,mmm` of an instant, to the nearest millisecond."""
    seconds, milliseconds = divmod(ticks_to_ms(ticks), 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}{point}{milliseconds:03}"


def find_timings(lines: list[str], *, name: str, frames: FrameClock | None) -> list[Timing]:
    """All timing lines of a file, in order.

    Args:
        lines: the file's lines.
        name: the file's name, for messages.
        frames: how the media counts frames, for times that do so too.

    Raises:
        InvalidInput: an overlong line, or a timing line that can't be read.
    """
    timings = list(_timings(lines, name, frames))
    if len(timings) > MAX_CUES:
        raise too_many_cues(name, len(timings))
    return timings


def _timings(lines: list[str], name: str, frames: FrameClock | None) -> Iterator[Timing]:
    cue = 0
    for number, line in enumerate(lines, 1):
        if len(line) > MAX_LINE:
            what = f"the line has {len(line)} characters, more than any subtitle"
            raise refusal(name, f"line {number}", what, "give a subtitle file")
        if not _means_times(line):
            continue
        cue += 1
        place = f"line {number}, cue {cue}"
        times = _TIMES.fullmatch(line.strip())
        if not times:
            raise refusal(name, place, f"{line.strip()[:60]!r} is no timing line", _REMEDY)
        start = _read(times["start"], frames, name, f"{place}, start")
        end = _read(times["end"], frames, name, f"{place}, end")
        yield Timing(
            number, cue, start, end, is_label(times["start"]), _drops(times["start"], frames)
        )


def _drops(text: str, frames: FrameClock | None) -> bool:
    return ";" in text or (frames is not None and frames.drop)


def _read(text: str, frames: FrameClock | None, name: str, place: str) -> int:
    try:
        return parse_time(text[:40], frames)
    except ValueError as error:
        raise refusal(name, place, f"the time {error}", _REMEDY) from error


def _means_times(line: str) -> bool:
    """Whether a line is, or was meant as, a timing line: an arrow, and clock times beside it.

    `go --> there` and `10:30 -> leave` are text.
    """
    arrow = _ARROW.search(line)
    if not arrow:
        return False
    before = bool(_CLOCK_LIKE.search(line, 0, arrow.start()))
    after = bool(_CLOCK_LIKE.search(line, arrow.end()))
    return (before and after) or (arrow[0] == "-->" and (before or after))
