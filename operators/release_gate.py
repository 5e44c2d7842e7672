"""The release gate: two judges, one stored verdict, and what follows from it.

Nothing acts on a verdict before it is stored together with its consequence. Whatever keeps the
gate from judging (no table, no Great Expectations, no catalogue) is an error: nothing is published.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

from airflow.sdk import BaseOperator

from airdub.artifacts import ArtifactStore
from airdub.catalog import Catalog, open_catalog
from airdub.environments import read_environment
from airdub.errors import Conflict
from airdub.gates import GateProfile, Verdict, judge, load_gates
from airdub.gates.suite import suite_of
from airdub.gates.table import Row
from airdub.judgements import DubRun, Judgement, sound_rows
from airdub.judging import agreed, settle
from airdub.profiles import load_profile
from airdub.repair import Attempt, attempt_run_id, attempts_of, ladders_of
from airdub.repair.history import timing_of
from airdub.settings import Settings, load_settings
from operators.data_docs import INDEX, safe_pages
from operators.finished_run import FinishedRun
from operators.notify import tell_refusal
from operators.validation import validate
from operators.wiring import TaskOutputs, task_defaults

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow.sdk import Context


class GateReference(TypedDict):
    """The gate's XCom: where its verdict lies, and what it is in a word."""

    run_id: str
    decision: str
    consequence: str
    best_run_id: str
    verdict_key: str


class ReleaseGateOperator(BaseOperator):
    """Judges what `evaluate` measured and stores the verdict with its consequence.

    The consequence takes the earlier attempts of the same order into account: see
    `airdub.judging.settle`. A run that was judged keeps its verdict: a retry finds it.

    Args:
        stages: ids of the tasks that made the dub, in the pipeline's order, `evaluate` last.
        draft: id of the task that placed the draft.
    """

    ui_color = "#fde68a"

    def __init__(self, *, stages: Sequence[str], draft: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.stages = list(stages)
        self.draft = draft

    def execute(self, context: Context) -> GateReference:
        """Judge, store, tell."""
        settings, run_id = load_settings(), str(context["run_id"])
        store = ArtifactStore(settings.store_url)
        dub = FinishedRun(context, store, self.stages, self.draft)
        with open_catalog(settings.catalog_url) as catalog:
            judgement = catalog.judgement(run_id)
            if judgement is None:
                judgement = self._judge(dub, store, settings, catalog)
                catalog.record_judgement(judgement)
            elif judgement.verdict.fingerprint != dub.evaluation.fingerprint:
                raise Conflict(
                    "the run was judged before, on other work",
                    where=run_id,
                    remedy="start a new run: what a run was judged is never changed",
                )
        self._tell(judgement)
        verdict = judgement.verdict
        dub.summarise(verdict)
        return GateReference(
            run_id=run_id,
            decision=verdict.decision,
            consequence=verdict.consequence.value,
            best_run_id=judgement.best_run_id,
            verdict_key=verdict_key(run_id),
        )

    def _judge(
        self, dub: FinishedRun, store: ArtifactStore, settings: Settings, catalog: Catalog
    ) -> Judgement:
        """Verdict and pages into the store, and all that the catalogue is to record."""
        order, run_id, rows = dub.order, dub.run.run_id, dub.rows()
        gates = load_gates(load_profile(order.profile).gates, order.target_language)
        verdict, pages = hear_both(gates, rows, dub.evaluation.fingerprint, order.attempt, run_id)
        table = sound_rows(rows, verdict.fingerprint)
        latest = Attempt(
            run_id=run_id,
            plan=order.repair,
            verdict=verdict,
            rows=[row.model_dump(mode="json") for row in table],
            timing=timing_of(dub.uses, store),
        )
        ladders = ladders_of(order, dub.present, read_environment(settings))
        settled = settle(latest, _earlier(dub.run, catalog, store), gates, ladders)
        for page, content in pages.items():
            store.write(docs_key(run_id, page), content)
        store.write(verdict_key(run_id), settled.verdict.to_json())
        return Judgement(
            run=dub.run,
            stages=dub.uses,
            table=table,
            verdict=settled.verdict,
            data_docs=docs_key(run_id, INDEX),
            plan=settled.plan,
            best_run_id=settled.best_run_id,
        )

    def _tell(self, judgement: Judgement) -> None:
        """The verdict's lines in the task's log."""
        for check in judgement.verdict.checks:
            advice = "" if check.blocking else " (advice)"
            words = f"{check.shown}, wanted {check.bound}: {check.outcome}{advice}"
            self.log.info("%s: %s", check.metric, words)
        for reason in judgement.verdict.reasons:
            self.log.info("%s: %s", "Reason" if reason.blocking else "Note", reason.text)
        self.log.info("Decision: %s", judgement.verdict.decision)


def hear_both(
    gates: GateProfile, rows: Sequence[Row], fingerprint: str, attempt: int, run_id: str
) -> tuple[Verdict, dict[str, bytes]]:
    """What both judges say, and the second one's pages by name.

    Raises:
        EngineFailed: Great Expectations can't judge.
    """
    verdict = judge(gates, rows, fingerprint, attempt=attempt)
    suite, name = suite_of(gates, fingerprint), f"{gates.name}-{gates.language}"
    with tempfile.TemporaryDirectory(prefix="airdub-gate-") as folder:
        unmet = validate(suite, rows, name=name, run_id=run_id, pages=Path(folder))
        blocking = sum(one.blocking for one in unmet)
        words = f"{blocking} of what blocks is not met" if blocking else "all that blocks is met"
        pages = safe_pages(Path(folder), f"Gates {name}, run {run_id}: {words}")
    return agreed(verdict, unmet), pages


def verdict_key(run_id: str) -> str:
    """Where a run's verdict lies."""
    return f"gates/{run_id}/verdict.json"


def docs_key(run_id: str, page: str) -> str:
    """Where a page of a run's Data Docs lies."""
    return f"gates/{run_id}/docs/{page}"


def _earlier(run: DubRun, catalog: Catalog, store: ArtifactStore) -> list[Attempt]:
    """Attempts at the same order before this one, the first one first."""
    first, work = attempt_run_id(run.run_id, 1), (run.source_sha256, run.profile)
    judged = [
        catalog.judgement(one.run.run_id)
        for one in catalog.verdicts(run.title_id, run.language)
        if one.run.attempt < run.attempt
        and attempt_run_id(one.run.run_id, 1) == first
        and (one.run.source_sha256, one.run.profile) == work
    ]
    return attempts_of([one for one in judged if one], run.run_id, store)


def gate_task(stages: Sequence[TaskOutputs], draft: BaseOperator, **task: Any) -> BaseOperator:
    """The task that judges, downstream of all that made the dub, of `evaluate` and of the draft."""
    operator = ReleaseGateOperator(
        task_id="release_gate",
        stages=[stage.operator.task_id for stage in stages],
        draft=draft.task_id,
        **{**task_defaults(), "on_success_callback": tell_refusal, **task},
    )
    operator.set_upstream([stages[-1].operator, draft])
    return operator
