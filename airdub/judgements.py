"""A judgement: one finished run, what was measured on it, and what the gate says must follow."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from pydantic import Field, model_validator

from airdub.gates.table import Row, row_defect
from airdub.gates.verdict import Consequence, Verdict
from airdub.metrics import TITLE, Metric
from airdub.model import Document, canonical_json
from airdub.repair.plan import RepairPlan


class DubRun(Document):
    """One attempt at a title in one language.

    Attributes:
        run_id: of the DAG run that made it.
        language: BCP-47 tag of the dub.
        source_sha256: of the video that was dubbed.
        attempt: from 1.
        parent_run_id: run whose repair this one is; None for a first attempt.
        manifest: key of the draft's manifest.
    """

    run_id: str = Field(min_length=1)
    title_id: str
    source_language: str
    language: str
    source_sha256: str
    profile: str
    attempt: int = Field(1, ge=1)
    parent_run_id: str | None = None
    manifest: str


class StageUse(Document):
    """A stage's part in a run.

    Attributes:
        result_key: where its result lies.
        cached: whether the result was there before the run asked for it.
        wall_s, gpu_s: of the run that computed it.
    """

    stage: str
    engine: str
    fingerprint: str
    result_key: str
    cached: bool
    wall_s: float = Field(ge=0)
    gpu_s: float = Field(0.0, ge=0)


class Judgement(Document):
    """What the catalogue records of a run, in one transaction, before anything acts on it.

    Attributes:
        stages: in the pipeline's order.
        table: the sound rows that were judged (see `sound_rows`); what is wrong with any other
            row is among the verdict's reasons.
        data_docs: key of the index page that Great Expectations wrote; None without one.
        plan: what the next attempt changes; only, and always, when the verdict says REPAIR.
        best_run_id: the best attempt so far; a publication or a review is about that one.
    """

    run: DubRun
    stages: tuple[StageUse, ...] = ()
    table: tuple[Metric, ...] = ()
    verdict: Verdict
    data_docs: str | None = None
    plan: RepairPlan | None = None
    best_run_id: str = Field(min_length=1)

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Judgement:
        repair = self.verdict.consequence is Consequence.REPAIR
        if repair != (self.plan is not None):
            raise ValueError("a plan belongs to the consequence repair, and to no other")
        if self.plan and self.plan.attempt != self.run.attempt + 1:
            raise ValueError(f"the plan is for attempt {self.plan.attempt}, not the next one")
        if self.verdict.attempt != self.run.attempt:
            raise ValueError(f"the verdict is on attempt {self.verdict.attempt}")
        if self.verdict.language != self.run.language:
            raise ValueError(f"the verdict is on the language {self.verdict.language!r}")
        if any(row.fingerprint != self.verdict.fingerprint for row in self.table):
            raise ValueError("a row was measured by another evaluation than the verdict's")
        return self

    @property
    def digest(self) -> str:
        """sha256 of what was judged and what follows from it.

        How the run came to its results (from the store or computed, how long it took) and where
        pages about it lie is not in it: judging the same work again gives the same digest.
        """
        judged = self.model_dump(mode="json", exclude={"stages", "data_docs"})
        judged["prints"] = {use.stage: use.fingerprint for use in self.stages}
        return hashlib.sha256(canonical_json(judged)).hexdigest()


def sound_rows(rows: Iterable[Row], fingerprint: str) -> tuple[Metric, ...]:
    """The rows of a table from anywhere that are measurements, each metric and scope once.

    Args:
        fingerprint: of the evaluation that must have measured them.
    """
    found: dict[tuple[str, str], Metric] = {}
    for row in rows:
        if row_defect(row, fingerprint) is None:
            metric = Metric.model_validate({name: row[name] for name in Metric.model_fields})
            found.setdefault((metric.metric, metric.scope), metric)
    return tuple(found.values())


def urgency(verdict: Verdict) -> float:
    """How soon a person should look: blocking reasons, those of the title counting tenfold."""
    blocking = [reason for reason in verdict.reasons if reason.blocking]
    return float(sum(10 if reason.scope == TITLE else 1 for reason in blocking))
