"""Clock times and SMPTE time code to ticks, and the start time code of a script. Pure.

SMPTE ST 12-1 labels count frames: at 23.976 fps the label `01:00:00:00` is 3603.6 s away, at
29.97 fps drop-frame `01:00:00;00` is 3599.9964 s. Clock times (`01:00:00,000`) are seconds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import accumulate, pairwise

from airdub.units import CLOCK_HZ, round_half_up

HOUR = 3600 * CLOCK_HZ
"""Ticks of an hour of clock time."""

TAIL = CLOCK_HZ
"""A cue may run on this far (1 s) beyond the end; it is then clamped to the end."""

_NTSC = Fraction(1000, 1001)
_CLOCK = re.compile(
    r"(?:(?P<h>\d{1,4}):)?(?P<m>\d{1,2}):(?P<s>\d{1,2})(?:[.,](?P<fraction>\d{1,9}))?", re.ASCII
)
_LABEL = re.compile(
    r"(?P<h>\d{1,2}):(?P<m>\d{1,2}):(?P<s>\d{1,2})(?P<sign>[:;])(?P<f>\d{1,3})", re.ASCII
)


@dataclass(frozen=True)
class Label:
    """A SMPTE time code: hours, minutes, seconds and frames, drop-frame or not."""

    hours: int
    minutes: int
    seconds: int
    frames: int
    drop: bool = False

    @classmethod
    def parse(cls, text: str) -> Label:
        """`HH:MM:SS:FF`, or `HH:MM:SS;FF` for drop-frame.

        Raises:
            ValueError: it is no time code, or a field is out of range.
        """
        match = _LABEL.fullmatch(text.strip())
        if not match:
            raise ValueError(f"{text!r} is no time code")
        hours, minutes, seconds, frames = (int(match[part]) for part in "hmsf")
        _check_sexagesimal(text, minutes, seconds)
        return cls(hours, minutes, seconds, frames, drop=match["sign"] == ";")

    def __str__(self) -> str:
        sign = ";" if self.drop else ":"
        return f"{self.hours:02}:{self.minutes:02}:{self.seconds:02}{sign}{self.frames:02}"

    def ticks(self, rate: Fraction) -> int:
        """Real time from `00:00:00:00`, in ticks, at `rate` frames a second.

        Drop-frame skips 2 labels per 30 a second at each minute that is no multiple of ten; at
        rates that have no drop-frame count `;` is read as `:`.

        Raises:
            ValueError: the frame number does not exist at this rate.
        """
        nominal = round_half_up(rate)
        if self.frames >= nominal:
            raise ValueError(f"{self} does not exist at {nominal} frames a second")
        minutes = self.hours * 60 + self.minutes
        count = (minutes * 60 + self.seconds) * nominal + self.frames
        if self.drop and nominal % 30 == 0:
            skipped = nominal // 15
            if self.frames < skipped and self.seconds == 0 and self.minutes % 10:
                raise ValueError(f"{self} does not exist in drop-frame time code")
            count -= skipped * (minutes - minutes // 10)
        return round_half_up(count / rate * CLOCK_HZ)

    def clock_ticks(self, rate: Fraction) -> int:
        """The label read as a clock: whole seconds as they stand, plus the frames' time."""
        seconds = (self.hours * 60 + self.minutes) * 60 + self.seconds
        return round_half_up((seconds + self.frames / rate) * CLOCK_HZ)


@dataclass(frozen=True)
class FrameClock:
    """How the media counts frames.

    Attributes:
        rate: frames a second.
        drop: its time code is drop-frame; then `HH:MM:SS:FF` is read as `HH:MM:SS;FF`.
    """

    rate: Fraction
    drop: bool = False


def parse_time(text: str, frames: FrameClock | None) -> int:
    """Ticks of `HH:MM:SS,mmm`, `MM:SS.mmm`, `HH:MM:SS:FF` or `HH:MM:SS;FF`.

    Args:
        text: the time as written; a fraction of a second is decimal (`,5` is 500 ms).
        frames: how frames are counted, where they are written.

    Raises:
        ValueError: it is negative, malformed, out of range, or has frames without a rate.
    """
    text = text.strip()
    if text.startswith(("-", "−")):
        raise ValueError(f"{text!r} is negative")
    if _LABEL.fullmatch(text):
        if frames is None:
            raise ValueError(f"{text!r} counts frames, and the frame rate is not known")
        label = Label.parse(text)
        return replace(label, drop=label.drop or frames.drop).ticks(frames.rate)
    match = _CLOCK.fullmatch(text)
    if not match:
        raise ValueError(f"{text!r} is no time")
    hours, minutes, seconds = int(match["h"] or 0), int(match["m"]), int(match["s"])
    _check_sexagesimal(text, minutes, seconds)
    fraction = Fraction(f"0.{match['fraction'] or 0}")
    return round_half_up(((hours * 60 + minutes) * 60 + seconds + fraction) * CLOCK_HZ)


def is_label(text: str) -> bool:
    """Whether a time counts frames."""
    return bool(_LABEL.fullmatch(text.strip()))


def effective_rate(
    frame_rate: int, multiplier: tuple[int, int] = (1, 1), *, drop: bool
) -> Fraction:
    """Frames a second of a TTML document: `ttp:frameRate` x `ttp:frameRateMultiplier`.

    Drop-frame exists at the NTSC rates only, so 30 with drop-frame means 30000/1001.
    """
    rate = frame_rate * Fraction(*multiplier)
    return rate * _NTSC if drop and rate.denominator == 1 else rate


def start_offset(spans: Sequence[tuple[int, int]], duration: int, candidates: Iterable[int]) -> int:
    """What to subtract from a script's times so that it lies on the media's timeline.

    A script that fits as it stands is left alone. Otherwise the first candidate wins after which
    every cue fits: a start time code of the media, or a whole hour (`whole_hour`).

    Args:
        spans: (start, end) of the cues, ticks.
        duration: the media's length, ticks.
        candidates: offsets to try in order, ticks.

    Returns:
        The offset in ticks; 0 when the script fits as it is, or fits nowhere.
    """
    first = min(start for start, _ in spans)
    last = max(end for _, end in spans)
    if last <= duration + TAIL:
        return 0
    for offset in candidates:
        if 0 < offset <= first and last - offset <= duration + TAIL:
            return offset
    return 0


def whole_hour(first: int, hour: int = HOUR) -> int:
    """The last full hour at or before the first cue, in ticks; `hour` is one hour's length."""
    return first // hour * hour


def split_span(start: int, end: int, weights: Sequence[int]) -> list[tuple[int, int]]:
    """Cut a span into adjoining ones whose lengths go by weight (each weight is 1 at least).

    Raises:
        ValueError: there are fewer ticks than parts.
    """
    if not weights:
        return []
    if end - start < len(weights):
        raise ValueError(f"{end - start} ticks can't be cut into {len(weights)} parts")
    shares = [max(weight, 1) for weight in weights]
    total = sum(shares)
    spare = end - start - len(shares)
    cuts = [
        start + index + round_half_up(Fraction(spare * done, total))
        for index, done in enumerate(accumulate(shares, initial=0))
    ]
    return list(pairwise(cuts))


def _check_sexagesimal(text: str, minutes: int, seconds: int) -> None:
    if minutes > 59 or seconds > 59:
        raise ValueError(f"{text!r} has more than 59 minutes or seconds")
