"""What a stage is told of a repair plan. Empty for a stage that the plan doesn't touch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from airdub.repair.plan import LineRepair, RepairPlan
from airdub.requests import EngineRef

Resolve = Callable[[str, str], EngineRef]
"""(stage, engine's name) -> the engine with the versions that would run."""


def repair_parameters(stage: str, plan: RepairPlan | None, resolve: Resolve) -> dict[str, Any]:
    """Parameters of the stage on top of the profile's: JSON values.

    Engines of single lines are stated with their versions, as the request's own engine is: the
    fingerprint covers them, and the runner refuses others.

    Returns:
        `repairs` by segment id for translate and synthesize, `no_stretch` ids for mix.

    Raises:
        InvalidInput: the plan names an engine that the stage doesn't have.
        DependencyUnavailable: an engine can't run here.
    """
    if plan is None:
        return {}
    if stage == "mix":
        kept = sorted(line.segment_id for line in plan.lines if line.no_stretch)
        return {"no_stretch": kept} if kept else {}
    tell = {"translate": _text, "synthesize": _speech}.get(stage)
    if tell is None:
        return {}
    told = {line.segment_id: tell(line, resolve) for line in plan.lines}
    repairs = {segment_id: change for segment_id, change in sorted(told.items()) if change}
    return {"repairs": repairs} if repairs else {}


def _text(line: LineRepair, resolve: Resolve) -> dict[str, Any]:
    return _without_defaults(
        engine=_stated("translate", line.text_engine, resolve),
        syllable_factor=line.syllable_factor,
    )


def _speech(line: LineRepair, resolve: Resolve) -> dict[str, Any]:
    return _without_defaults(
        engine=_stated("synthesize", line.engine, resolve),
        take=line.take or None,
        rate_percent=line.rate_percent,
    )


def _stated(stage: str, engine: str, resolve: Resolve) -> dict[str, Any] | None:
    return resolve(stage, engine).model_dump(mode="json") if engine else None


def _without_defaults(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
