"""The fit plan: what the planner decided, as a document of the contract."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from airdub.model import Document
from airdub.transcript import Phoneme, Ticks
from airdub.units import rescale


class Pause(Document):
    """Silence put into a line so that it pauses where the source does.

    Attributes:
        at: samples of the stretched take that come before the pause; always inside a silence.
        length: samples of silence.
    """

    at: Ticks
    length: Ticks


class Placement(Document):
    """One dubbed line on the title's timeline, in ticks (samples at 48 kHz).

    Attributes:
        start: where the line's first sample lies.
        take_length, natural_length: as the take states them.
        stretched_length: samples of the take after time-stretching, without `pauses`.
        source_start, source_end: speech onset and offset of the original line.
        borrowed: ticks of silence outside the source span that the line uses.
        overflow: ticks that found no room at the hard cap: the next line waits that long, or
            (before the title's end) this one starts that much earlier.
        collision: ticks of overlap with other speakers that the source doesn't have.
        on_screen: the speaker's face is visible for a quarter of the source line or more.
        phonemes: of the take, at their final times on the title's timeline.
    """

    segment_id: str
    speaker: str
    start: Ticks
    take_length: Ticks
    natural_length: Ticks
    stretched_length: Ticks
    source_start: Ticks
    source_end: Ticks
    pauses: tuple[Pause, ...] = ()
    borrowed: Ticks = 0
    overflow: Ticks = 0
    collision: Ticks = 0
    on_screen: bool = True
    phonemes: tuple[Phoneme, ...] = ()

    @property
    def length(self) -> int:
        """Final samples, pauses included."""
        return self.stretched_length + sum(pause.length for pause in self.pauses)

    @property
    def end(self) -> int:
        """First tick after the line."""
        return self.start + self.length

    @property
    def stretch(self) -> Fraction:
        """Final length of the take's sound over its own; below 1 is faster."""
        return Fraction(self.stretched_length, self.take_length)

    @property
    def rate(self) -> Fraction:
        """Final speech rate over the voice's natural rate, engine and stretch together."""
        return Fraction(self.natural_length, self.stretched_length)

    @property
    def shift(self) -> int:
        """Ticks by which the line starts later than its source onset; negative is earlier."""
        return self.start - self.source_start

    def tick_of(self, position: int) -> int:
        """Where a position in the take (in its samples) comes to lie on the title's timeline."""
        stretched = rescale(position, self.take_length, self.stretched_length)
        waited = sum(pause.length for pause in self.pauses if pause.at <= stretched)
        return self.start + stretched + waited

    def timed(self, phonemes: Iterable[Phoneme]) -> tuple[Phoneme, ...]:
        """A take's phonemes at their final times; what a pause was put into does not grow."""
        return tuple(
            Phoneme(
                symbol=phoneme.symbol,
                start=self.tick_of(phoneme.start),
                end=self.tick_of(phoneme.start) + self._scaled(phoneme),
            )
            for phoneme in phonemes
        )

    def _scaled(self, phoneme: Phoneme) -> int:
        first, last = (
            rescale(position, self.take_length, self.stretched_length)
            for position in (phoneme.start, phoneme.end)
        )
        return max(0, last - first)


class Kept(Document):
    """A span in which the original voice stays: a segment with action keep or subtitle.

    Where a dubbed line of the source lies over it, or its own speaker's dub reaches into it,
    the original is silent: source words never leak, and nobody speaks over himself.
    """

    segment_id: str
    start: Ticks
    end: Ticks


class Shorten(Document):
    """An entry of the repair plan: say this line in fewer syllables.

    Attributes:
        factor: wanted syllables over present ones, 0..1.
        tolerance: how far from `factor` the new line may be.
    """

    segment_id: str
    factor: float
    tolerance: float


class FitPlan(Document):
    """When every dubbed line is spoken.

    Attributes:
        duration: the title's length in ticks; nothing lies beyond it.
        placements: in order of source onset.
        kept: spans of original voice, in order.
        unspoken: segments to be dubbed that have no take.
        shorten: lines that don't fit.
    """

    duration: Ticks
    placements: tuple[Placement, ...] = ()
    kept: tuple[Kept, ...] = ()
    unspoken: tuple[str, ...] = ()
    shorten: tuple[Shorten, ...] = ()
