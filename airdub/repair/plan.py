"""What a repair changes: a plan for the next attempt at a title, as a document of the contract.

Everything that a plan doesn't name stays as it was, and so is found in the store again.
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field, model_validator

from airdub.model import Document
from airdub.stages import STAGES

SLOWEST_PERCENT, FASTEST_PERCENT = 80, 140
"""What every synthesis engine can speak at, in percent of the voice's natural rate."""

_MOST_LINES = 10_000
_MOST_ATTEMPTS = 99
_RUN_ID_END = re.compile(r"\.a(?:[2-9]|[1-9]\d)$")  # more digits are a run's own: `film.es.a580`

EngineName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
SegmentId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]
Factor = Annotated[float, Field(ge=0.1, lt=1)]
RunId = Annotated[str, Field(min_length=1, max_length=250)]


class LineRepair(Document):
    """How one line is made in an attempt; a field at its default is as it was at first.

    Attributes:
        engine: synthesis engine; "" is the one that speaks the rest.
        take: which of the engine's different takes of the line, from 0.
        rate_percent: speaking rate of the voice's natural one; None fits the line's place.
        text_engine: translation engine whose line is tried; "" is the one that wrote the rest.
        syllable_factor: wanted syllables over those of the first attempt's line.
        no_stretch: the take stays as it was spoken: what it needs is asked of the engine.
        metrics: why: what the line failed.
    """

    segment_id: SegmentId
    engine: EngineName | Annotated[str, Field(max_length=0)] = ""
    take: int = Field(0, ge=0, lt=100)
    rate_percent: int | None = Field(None, ge=SLOWEST_PERCENT, le=FASTEST_PERCENT)
    text_engine: EngineName | Annotated[str, Field(max_length=0)] = ""
    syllable_factor: Factor | None = None
    no_stretch: bool = False
    metrics: tuple[str, ...] = ()

    @property
    def changes(self) -> LineRepair:
        """What is changed, without the reason: two repairs that are equal here do the same."""
        return self.model_copy(update={"metrics": ()})

    @property
    def changes_nothing(self) -> bool:
        """Whether the line is made as in the first attempt."""
        return self.changes == LineRepair(segment_id=self.segment_id)


class _Changes(Document):
    """What an attempt changed against the first one.

    Attributes:
        lines: those that are made differently, by segment id.
        stages: engine by stage, where the whole title gets another one than the profile's first.
    """

    lines: tuple[LineRepair, ...] = Field(default=(), max_length=_MOST_LINES)
    stages: dict[str, EngineName] = Field(default_factory=dict)

    @property
    def summary(self) -> str:
        """What it changes and why, in a line: `s0003 (overflow); lipsync by none`."""
        lines = [
            f"{line.segment_id} ({', '.join(line.metrics)})" if line.metrics else line.segment_id
            for line in self.lines
        ]
        return "; ".join([*lines, *(f"{stage} by {name}" for stage, name in self.stages.items())])

    def line(self, segment_id: str) -> LineRepair:
        """How a line is made in this attempt."""
        found = {line.segment_id: line for line in self.lines}
        return found.get(segment_id) or LineRepair(segment_id=segment_id)


class PastAttempt(_Changes):
    """What an earlier attempt changed."""

    run_id: RunId
    attempt: int = Field(ge=1)


class RepairPlan(_Changes):
    """What attempt n changes against the first one.

    Attributes:
        attempt: its number, from 2.
        based_on: run id of the attempt that it improves on: the best so far.
        history: all attempts so far, the first one first: nothing of theirs is tried again.
    """

    attempt: int = Field(ge=2, le=_MOST_ATTEMPTS)
    based_on: RunId
    history: tuple[PastAttempt, ...] = ()

    @model_validator(mode="after")
    def _names_each_once(self) -> RepairPlan:
        ids = [line.segment_id for line in self.lines]
        if len(set(ids)) < len(ids):
            doubled = next(name for name in ids if ids.count(name) > 1)
            raise ValueError(f"{doubled} stands in the plan more than once")
        if unknown := sorted(self.stages.keys() - STAGES.keys()):
            raise ValueError(f"{unknown[0]!r} is no stage")
        return self


def attempt_run_id(run_id: str, attempt: int) -> str:
    """The run id of an attempt, from that of any attempt at the same order: `<first>.a<n>`."""
    first = _RUN_ID_END.sub("", run_id)
    return first if attempt == 1 else f"{first}.a{attempt}"
