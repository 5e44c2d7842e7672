"""What bounds a line: the onsets that come after it, and the lines that were placed before it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

from airdub.timing.limits import FitLimits
from airdub.timing.slots import Slot, lead
from airdub.transcript import Action, Segment


@dataclass(frozen=True)
class Room:
    """Where a line should lie.

    Attributes:
        early: no start before this: the last change of scene, or end of kept sound.
        soft: a breath before `hard`.
        hard: the next onset, change of scene, or end of the title.
        late: `hard`, and if the next line is off screen what that may be delayed.
    """

    early: int
    soft: int
    hard: int
    late: int

    def until(self, deadline: int) -> Room:
        """The room that is left before a deadline."""
        soft, hard, late = (min(end, deadline) for end in (self.soft, self.hard, self.late))
        return Room(self.early, soft, hard, late)


@dataclass(frozen=True)
class Ahead:
    """Source times that bound a line.

    Attributes:
        kept_starts, kept_ends: of segments whose original voice stays, each sorted.
        walls: changes of scene and the title's end, sorted.
    """

    slots: Sequence[Slot]
    kept_starts: Sequence[int]
    kept_ends: Sequence[int]
    walls: Sequence[int]
    limits: FitLimits

    @classmethod
    def of(
        cls,
        slots: Sequence[Slot],
        segments: Sequence[Segment],
        scenes: Sequence[int],
        duration: int,
        limits: FitLimits,
    ) -> Ahead:
        """Collect the bounds of a title; `slots` are sorted by onset."""
        kept = [segment for segment in segments if segment.action is not Action.DUB]
        return cls(
            slots=slots,
            kept_starts=sorted(segment.start for segment in kept),
            kept_ends=sorted(segment.end for segment in kept),
            walls=sorted({scene for scene in scenes if 0 < scene < duration} | {duration}),
            limits=limits,
        )

    def room(self, index: int) -> Room:
        """The room of a slot."""
        slot = self.slots[index]
        wall = self.walls[bisect_left(self.walls, slot.end)]
        onset, late = self._next_onset(index, wall)
        breath = max(min(slot.end, onset), onset - self.limits.breath)
        return Room(
            early=max(_last(self.walls, slot.start), _last(self.kept_ends, slot.start)),
            soft=breath if onset < wall else wall,
            hard=onset,
            late=late,
        )

    def _next_onset(self, index: int, wall: int) -> tuple[int, int]:
        """The next onset that binds this line (or the wall), and how far it may be delayed."""
        slot = self.slots[index]
        kept = bisect_left(self.kept_starts, slot.end)
        onset = min(wall, self.kept_starts[kept]) if kept < len(self.kept_starts) else wall
        late = onset
        for later in range(index + 1, len(self.slots)):
            other = self.slots[later]
            if other.start >= max(slot.end, late):
                break
            ahead = lead(slot, other)
            if ahead is not None:
                bound = other.start + ahead
                onset = min(onset, bound)
                late = min(late, bound if other.on_screen else bound + self.limits.late)
        return onset, late


def _last(ticks: Sequence[int], tick: int) -> int:
    """The last of sorted ticks that is not after a tick; 0 when there is none."""
    found = bisect_right(ticks, tick)
    return ticks[found - 1] if found else 0


@dataclass
class Behind:
    """Ends of the lines that were placed, in order of source onset."""

    own: dict[str, int] = field(default_factory=dict)
    settled: int = 0
    open: list[tuple[Slot, int]] = field(default_factory=list)

    def add(self, slot: Slot, end: int) -> None:
        """Note a placed line."""
        self.own[slot.speaker] = max(end, self.own.get(slot.speaker, 0))
        self.open.append((slot, end))

    def earliest(self, slot: Slot) -> int:
        """First tick at which a line may start beside all lines before it."""
        for other, end in self.open:
            if other.end <= slot.start:
                self.settled = max(self.settled, end)
        self.open = [(other, end) for other, end in self.open if other.end > slot.start]
        bounds = [self.settled, self.own.get(slot.speaker, 0)]
        for other, end in self.open:
            ahead = lead(other, slot)
            if ahead is not None:
                bounds.append(end - ahead)
        return max(bounds)
