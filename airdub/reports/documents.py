"""What reports are made of: sums and samples of judged runs, as the catalogue has them."""

from __future__ import annotations

from airdub.model import Document
from airdub.queue.documents import RequestState


class Scope(Document):
    """Which judged runs a report is about.

    Attributes:
        since, until: when they were judged: from the first on and before the second. UTC.
        titles: ids or patterns of ids; a run of any of them counts.
        series: id of their series; "" any.
        language: of the dub; "" any.
        states: of the requests that the runs were started for; empty: any, and runs without one.
    """

    since: str
    until: str
    titles: tuple[str, ...] = ("*",)
    series: str = ""
    language: str = ""
    states: tuple[RequestState, ...] = ()


class StageCost(Document):
    """What an engine cost in one language.

    Attributes:
        uses: runs that the stage was a part of.
        cached: those of them that found its result.
        wall_s, gpu_s: of those that computed it.
        saved_s: seconds that finding the others' results saved, as they took when computed.
    """

    language: str
    stage: str
    engine: str
    uses: int
    cached: int
    wall_s: float
    gpu_s: float
    saved_s: float


class TitleCost(Document):
    """What the runs of one title in one language cost: computed stages only."""

    title_id: str
    language: str
    runs: int
    wall_s: float
    gpu_s: float


class DayCount(Document):
    """How many runs ended on a day (UTC) in a way: a decision of the gate, or `published`."""

    day: str
    what: str
    count: int


class OutcomeCount(Document):
    """How often a blocking threshold was met, missed, or had no value."""

    metric: str
    outcome: str
    count: int


class StageSample(Document):
    """A stage's part in one of the latest runs."""

    run_id: str
    language: str
    stage: str
    engine: str
    cached: bool
    wall_s: float
    gpu_s: float


class MetricSample(Document):
    """A title's value in one of the latest runs."""

    metric: str
    unit: str
    language: str
    value: float
