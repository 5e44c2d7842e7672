"""The attempts at a title as the catalogue and the store remember them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from pydantic import ValidationError

from airdub.repair.attempts import Attempt
from airdub.repair.plan import RepairPlan, attempt_run_id
from airdub.results import load_result
from airdub.timing import FitPlan

if TYPE_CHECKING:
    from airdub.artifacts import ArtifactStore
    from airdub.judgements import Judgement, StageUse


def attempts_of(
    judgements: Iterable[Judgement], run_id: str, store: ArtifactStore
) -> list[Attempt]:
    """The judged attempts at the order of a run, the first one first.

    Args:
        judgements: on the same title and language, in any order; those on other orders, other
            sources or other profiles are left out.
        run_id: of any of the attempts.
    """
    first = attempt_run_id(run_id, 1)
    ours = [one for one in judgements if attempt_run_id(one.run.run_id, 1) == first]
    ours.sort(key=lambda one: one.run.attempt)
    same = [one for one in ours if _work(one) == _work(ours[-1])]
    plans = {attempt_run_id(first, one.plan.attempt): one.plan for one in same if one.plan}
    return [
        Attempt(
            run_id=one.run.run_id,
            plan=_ordered(store, one.run.run_id) or plans.get(one.run.run_id),
            verdict=one.verdict,
            rows=[row.model_dump(mode="json") for row in one.table],
            timing=timing_of(one.stages, store),
        )
        for one in same
    ]


def timing_of(stages: Iterable[StageUse], store: ArtifactStore) -> FitPlan | None:
    """Where a run's lines were placed; None when that is gone from the store."""
    for use in stages:
        if use.stage == "mix" and (result := load_result(store, use.result_key)):
            try:
                return FitPlan.model_validate_json(store.read(result.outputs["placements"].key))
            except (KeyError, FileNotFoundError, ValidationError):
                return None
    return None


def _ordered(store: ArtifactStore, run_id: str) -> RepairPlan | None:
    """The plan in a run's own order: a person's redo has one that no verdict asked for."""
    from airdub.drafts import order_key
    from airdub.orders import DubOrder

    try:
        return DubOrder.model_validate_json(store.read(order_key(run_id))).repair
    except (FileNotFoundError, ValidationError):
        return None


def _work(judgement: Judgement) -> tuple[str, str]:
    return judgement.run.source_sha256, judgement.run.profile
