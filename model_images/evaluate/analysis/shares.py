"""Shares of lines, and the title's share over all of them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from airdub.metrics import NOT_APPLICABLE
from model_images.evaluate.protocol import Absent, Measured, Value


@dataclass(frozen=True)
class Share:
    """So many (words, numbers, names) of so many; of none at all: not applicable."""

    part: int
    whole: int

    @property
    def value(self) -> Value:
        """As a ratio."""
        return Value(self.part / self.whole if self.whole else NOT_APPLICABLE)


def pooled(lines: Mapping[str, Share | Absent]) -> Measured:
    """The title's share is that of all items, not the mean of lines: long lines weigh more.

    Where no line has a share, the title is absent for the first line's reason.
    """
    shares = [line for line in lines.values() if isinstance(line, Share)]
    if not shares:
        reasons = [line for line in lines.values() if isinstance(line, Absent)]
        return Measured(next(iter(reasons), Absent("the title has no lines")))
    title = Share(sum(share.part for share in shares), sum(share.whole for share in shares))
    return Measured(
        title.value,
        {id_: line.value if isinstance(line, Share) else line for id_, line in lines.items()},
    )
