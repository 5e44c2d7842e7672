"""All that is known of a judged run when it is to be published."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pydantic import ValidationError

from airdub.consents import Consent, Use
from airdub.drafts import Draft
from airdub.errors import IncompleteResult, InvalidInput
from airdub.judgements import Judgement
from airdub.lips import Lips
from airdub.media import MediaFacts
from airdub.metrics import MetricTable
from airdub.model import Document
from airdub.repair import RepairPlan, attempt_run_id
from airdub.requests import StageResult
from airdub.results import load_result
from airdub.timing import FitPlan

if TYPE_CHECKING:
    from airdub.artifacts import ArtifactRef, ArtifactStore
    from airdub.catalog import Catalog, RunVerdict, Waiver

D = TypeVar("D", bound=Document)


@dataclass(frozen=True)
class Dossier:
    """A judged run.

    Attributes:
        judged_at: when; UTC, ISO 8601.
        waivers: those that the run may be published by.
        consents: that its voices and faces were made under, and what was made of each.
        earlier: attempts at the same order before this one, the first one first.
        plan: what this attempt changed; None for a first one.
        evaluation: the result of `evaluate`.
        table: everything that was measured, sound or not.
    """

    judgement: Judgement
    judged_at: str
    waivers: tuple[Waiver, ...]
    consents: tuple[tuple[Consent, Use], ...]
    earlier: tuple[RunVerdict, ...]
    plan: RepairPlan | None
    draft: Draft
    evaluation: StageResult
    table: MetricTable
    facts: MediaFacts
    placements: FitPlan
    lips: Lips


def gather(catalog: Catalog, store: ArtifactStore, judgement: Judgement) -> Dossier:
    """Collect it.

    Raises:
        InvalidInput, IncompleteResult: something that was judged isn't in the store any more.
    """
    run = judgement.run
    attempts = catalog.verdicts(run.title_id, run.language)
    judged_at = next(one.recorded_at for one in attempts if one.run.run_id == run.run_id)
    repair = catalog.repair(run.parent_run_id) if run.parent_run_id else None
    read = RunReader(store, judgement)
    table = read.document("evaluate", "metrics", MetricTable)
    draft = read.draft()
    judged, held = table.deliverable, draft.files["deliverable"].sha256
    if judged != held or table.fingerprint != judgement.verdict.fingerprint:
        raise InvalidInput(
            "the draft isn't the file that was judged",
            where=run.manifest,
            remedy="dub the title anew: what was not judged is not published",
        )
    return Dossier(
        judgement=judgement,
        judged_at=judged_at,
        waivers=tuple(one for one in catalog.waivers(run.run_id) if one.run_id == run.run_id),
        consents=tuple(catalog.consents_used(run.run_id)),
        earlier=tuple(_before(judgement, attempts)),
        plan=repair.plan if repair else None,
        draft=draft,
        evaluation=read.result("evaluate"),
        table=table,
        facts=read.document("probe", "facts", MediaFacts),
        placements=read.document("mix", "placements", FitPlan),
        lips=read.document("lipsync", "lips", Lips),
    )


def _before(judgement: Judgement, attempts: list[RunVerdict]) -> list[RunVerdict]:
    run, first = judgement.run, attempt_run_id(judgement.run.run_id, 1)
    same = [
        one
        for one in attempts
        if one.run.attempt < run.attempt and attempt_run_id(one.run.run_id, 1) == first
    ]
    return sorted(same, key=lambda one: one.run.attempt)


class RunReader:
    """Reads what a run's stages left in the store."""

    def __init__(self, store: ArtifactStore, judgement: Judgement) -> None:
        self._store = store
        self._run = judgement.run
        self._keys = {use.stage: use.result_key for use in judgement.stages}

    def result(self, stage: str) -> StageResult:
        """A stage's result."""
        key = self._keys.get(stage, "")
        result = load_result(self._store, key) if key else None
        if result is None:
            raise self._gone(stage, key or "its result")
        return result

    def document(self, stage: str, output: str, kind: type[D]) -> D:
        """A stage's output, its bytes checked."""
        ref = self.result(stage).outputs.get(output)
        if ref is None:
            raise self._gone(stage, output)
        return self._parse(ref, stage, kind)

    def draft(self) -> Draft:
        """The run's draft."""
        try:
            return Draft.model_validate_json(self._store.read(self._run.manifest))
        except (FileNotFoundError, ValidationError):
            raise self._gone("draft", self._run.manifest) from None

    def _parse(self, ref: ArtifactRef, stage: str, kind: type[D]) -> D:
        with tempfile.TemporaryDirectory(prefix="airdub-release-") as folder:
            content = self._store.fetch(ref, Path(folder)).read_bytes()
        try:
            return kind.model_validate_json(content)
        except ValidationError:
            raise self._gone(stage, ref.key) from None

    def _gone(self, stage: str, what: str) -> IncompleteResult:
        return IncompleteResult(
            f"{what} isn't in the store, or can't be read",
            where=f"{self._run.run_id}, {stage}",
            remedy=f"clear {stage} of that run, then publish again",
        )
