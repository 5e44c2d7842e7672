"""SMPTE time code (ST 12-1) of instants in a video: what quality reports and editors count in."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from airdub.media import MediaFacts
from airdub.subtitles.timecodes import Label
from airdub.units import CLOCK_HZ, rescale, round_half_up

_NTSC = Fraction(1000, 1001)


@dataclass(frozen=True)
class Timecodes:
    """How a video's frames are called.

    Attributes:
        rate: frames a second; the average of a variable rate.
        start: frames that the first one is called after `00:00:00:00`.
        drop: drop-frame.
        remark: what a reader should know; "" nothing.
    """

    rate: Fraction
    start: int = 0
    drop: bool = False
    remark: str = ""

    @classmethod
    def of(cls, facts: MediaFacts) -> Timecodes:
        """Those of a video: its own start and way of counting, or 0 and what its rate asks for."""
        rate, remarks = facts.video.rate, []
        if facts.video.variable_rate:
            remarks.append("the frame rate varies: labels count frames of its average")
        due = drops(rate)
        try:
            label = Label.parse(facts.timecode) if facts.timecode else None
            first = label.ticks(rate) if label else 0
        except ValueError:
            label, first = None, 0
            remarks.append("the source's start time code can't be read: labels begin at 0")
        drop = due and (label is None or label.drop)
        return cls(rate, rescale(first, CLOCK_HZ, rate), drop, "; ".join(remarks))

    def first(self, tick: int) -> str:
        """Label of the frame that is shown at an instant."""
        return self.label(int(Fraction(tick, CLOCK_HZ) * self.rate))

    def after(self, tick: int) -> str:
        """Label of the first frame that begins at an instant or later: the end of a span."""
        return self.label(-int(-Fraction(tick, CLOCK_HZ) * self.rate // 1))

    def label(self, frame: int) -> str:
        """Label of a frame, counted from 0; after 24 hours labels begin anew."""
        nominal = max(1, round_half_up(self.rate))
        number = frame + self.start
        skipped = nominal // 15 if self.drop else 0
        ten_minutes = nominal * 600 - 9 * skipped
        tens, rest = divmod(number % (ten_minutes * 144), ten_minutes)
        minutes = 0
        if rest >= nominal * 60:  # only the first minute of ten has all of its labels
            minutes = 1 + (rest - nominal * 60) // (nominal * 60 - skipped)
        shown = rest + skipped * minutes + tens * nominal * 600
        seconds, frames = divmod(shown, nominal)
        label = Label(seconds // 3600, seconds // 60 % 60, seconds % 60, frames, drop=self.drop)
        return str(label)


def drops(rate: Fraction) -> bool:
    """Whether a rate has drop-frame time code: 29.97 and 59.94."""
    nominal = rate / _NTSC
    return nominal.denominator == 1 and nominal > 0 and nominal % 30 == 0
