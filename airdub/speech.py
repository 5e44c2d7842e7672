"""Where speech is in the source: what the voice activity detector found."""

from __future__ import annotations

from pydantic import model_validator

from airdub.model import Document
from airdub.transcript import Ticks


class SpeechSpans(Document):
    """Spans in which somebody speaks.

    Attributes:
        spans: half-open (start, end) in ticks of the 48 kHz clock, in order, apart from each other.
        method: what found them, e.g. `silero-vad`.
    """

    spans: tuple[tuple[Ticks, Ticks], ...] = ()
    method: str

    @model_validator(mode="after")
    def _in_order(self) -> SpeechSpans:
        before = -1
        for start, end in self.spans:
            if not before < start < end:
                raise ValueError(f"span ({start}, {end}) is empty, or not after {before}")
            before = end
        return self

    @property
    def total(self) -> int:
        """Ticks of speech in all."""
        return sum(end - start for start, end in self.spans)

    def within(self, start: int, end: int) -> tuple[tuple[int, int], ...]:
        """The parts of the spans that lie in a window."""
        return tuple(
            (max(start, first), min(end, last))
            for first, last in self.spans
            if first < end and last > start
        )
