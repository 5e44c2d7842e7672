"""Judgements for tests of the catalogue."""

from __future__ import annotations

from multiprocessing import get_context
from typing import Any

from airdub.gates import Check, Code, Consequence, Outcome, Reason, Verdict
from airdub.judgements import DubRun, Judgement, StageUse, sound_rows
from airdub.repair.plan import LineRepair, RepairPlan
from tests.unit.airdub.gates.tables import good_table

TITLE_ID = "the-tower"

FORK = get_context("fork")


def verdict(consequence: Consequence, fingerprint: str, attempt: int) -> Verdict:
    """A verdict with a check and two reasons, one of a line."""
    return Verdict(
        gates="release",
        language="es-419",
        fingerprint=fingerprint,
        attempt=attempt,
        consequence=consequence,
        checks=(
            Check(
                metric="word_error_rate", unit="share", value="0.31", bound="<= 0.065",
                worst="0.9", worst_bound="<= 0.5", worst_segment="s0002",
                outcome=Outcome.FAIL, blocking=True,
            ),
        ),
        reasons=(
            Reason(
                code=Code.OUT_OF_BOUNDS, metric="word_error_rate", scope="s0002",
                text="word_error_rate of s0002 is 0.9 — «¿qué?»", consequence=Consequence.REVIEW,
                value="0.9", bound="<= 0.5",
            ),
            Reason(
                code=Code.NOT_A_NUMBER, metric="psnr", scope="title", text="psnr (title) is nan",
                consequence=Consequence.QUARANTINE, blocking=False, value="nan",
            ),
        ),
    )  # fmt: skip


def judgement(
    run_id: str = "run",
    consequence: Consequence | str = Consequence.REVIEW,
    *,
    attempt: int = 1,
    evaluation: str | None = None,
    **changes: Any,
) -> Judgement:
    """A judged run of one title; `run` holds changes of the run itself."""
    wanted = Consequence(consequence)
    print_ = evaluation or f"evaluation of {run_id}"
    rows = [{**row, "fingerprint": print_} for row in good_table()]
    run: dict[str, Any] = {
        "run_id": run_id,
        "title_id": TITLE_ID,
        "source_language": "en",
        "language": "es-419",
        "source_sha256": "a" * 64,
        "profile": "embedded",
        "attempt": attempt,
        "manifest": f"drafts/{TITLE_ID}/es-419/{run_id}/manifest.json",
    }
    plan = RepairPlan(
        attempt=attempt + 1, based_on=run_id, lines=(LineRepair(segment_id="s0002", take=1),)
    )
    fields: dict[str, Any] = {
        "run": DubRun.model_validate(run | changes.pop("run", {})),
        "stages": tuple(
            StageUse(
                stage=stage, engine="it", fingerprint=f"{stage} of {run_id}", result_key="r.json",
                cached=stage == "probe", wall_s=1.25,
            )
            for stage in ("probe", "mix", "evaluate")
        ),
        "table": sound_rows(rows, print_),
        "verdict": verdict(wanted, print_, attempt),
        "data_docs": f"gates/{run_id}/index.html",
        "plan": plan if wanted is Consequence.REPAIR else None,
        "best_run_id": run_id,
    }  # fmt: skip
    return Judgement.model_validate(fields | changes)
