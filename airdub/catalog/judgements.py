"""Judged runs and what follows from them."""

from __future__ import annotations

import json
from typing import Any

from airdub.catalog.metric_rows import fold, unfold
from airdub.catalog.rows import Publication, Quarantine, Repair, RunVerdict
from airdub.catalog.session import Session, now
from airdub.errors import Conflict
from airdub.gates.verdict import Check, Consequence, Reason, Verdict
from airdub.judgements import DubRun, Judgement, StageUse, urgency
from airdub.metrics import Metric
from airdub.repair.plan import RepairPlan

_RUN = tuple(DubRun.model_fields)


class Judgements(Session):
    """Runs, stages, metrics, verdicts and consequences."""

    def record_judgement(self, judgement: Judgement) -> None:
        """Record a run, what was measured, the verdict, and its consequence, in one transaction.

        Older open reviews and repairs of the title in that language are closed. Recording the same
        judgement again changes nothing.

        Raises:
            Conflict: the run was judged before, and otherwise.
        """
        run = judgement.run
        with self.transaction():
            of = {"run_id": run.run_id, "title_id": run.title_id, "language": run.language}
            self._run("lock_dub", **of, now=now())
            time = self._clock()  # others who judged this title did it before
            known = self._run("run_digest", run_id=run.run_id)
            if known is not None:
                _refuse_other(run, known, judgement.digest)
                return
            self._insert(judgement, time)
            self._run("set_last_run", **of, now=time)
            if run.parent_run_id:
                self._run("finish_repair", run_id=run.parent_run_id, now=time)
            self._run("supersede_repairs", **of, now=time)
            self._run("supersede_reviews", **of, now=time)
            self._open_consequence(judgement, of, time)

    def _insert(self, judgement: Judgement, time: str) -> None:
        run, verdict = judgement.run, judgement.verdict
        self._run(
            "insert_run",
            **run.model_dump(),
            best_run_id=judgement.best_run_id,
            digest=judgement.digest,
            now=time,
        )
        of = {"run_id": run.run_id}
        self._run_many("insert_stages", _numbered(judgement.stages, of))
        self._run_many("insert_metrics", fold(judgement.table))
        self._run(
            "insert_verdict",
            **of,
            gates=verdict.gates,
            fingerprint=verdict.fingerprint,
            consequence=verdict.consequence,
            data_docs=judgement.data_docs,
        )
        self._run_many("insert_checks", _numbered(verdict.checks, of))
        self._run_many("insert_reasons", _numbered(verdict.reasons, of))

    def _open_consequence(self, judgement: Judgement, of: dict[str, str], time: str) -> None:
        """The row by which something will act on the verdict."""
        verdict = judgement.verdict
        match verdict.consequence:
            case Consequence.PUBLISH:
                self._run("open_publication", **of, note="", now=time)
            case Consequence.REPAIR if judgement.plan:
                plan = judgement.plan
                text = plan.model_dump_json()
                self._run(
                    "open_repair", **of, next_attempt=plan.attempt, plan=text, note="", now=time
                )
            case Consequence.REVIEW:
                best, priority = judgement.best_run_id, urgency(verdict)
                self._run("open_review", **of, best_run_id=best, priority=priority, now=time)
            case _:
                reasons = [one.text for one in verdict.reasons if one.blocking]
                self._run("open_quarantine", **of, reason="; ".join(reasons[:5]), now=time)

    def judgement(self, run_id: str) -> Judgement | None:
        """A run's judgement as it was recorded; None when it wasn't judged."""
        row = self._run("find_run", run_id=run_id)
        if row is None:
            return None
        verdict, data_docs = self._verdict(row)
        repair = self.repair(run_id) if verdict.consequence is Consequence.REPAIR else None
        return Judgement(
            run=_run_of(row),
            stages=tuple(
                StageUse.model_validate(one) for one in self._run("find_stages", run_id=run_id)
            ),
            table=tuple(self.metrics(verdict.fingerprint)),
            verdict=verdict,
            data_docs=data_docs,
            plan=repair.plan if repair else None,
            best_run_id=row["best_run_id"],
        )

    def verdicts(self, title_id: str, language: str) -> list[RunVerdict]:
        """Every judged attempt at a title in a language, the newest first."""
        found = []
        for row in self._run("runs_of_title", title_id=title_id, language=language):
            verdict, data_docs = self._verdict(row)
            found.append(
                RunVerdict(
                    run=_run_of(row),
                    verdict=verdict,
                    best_run_id=row["best_run_id"],
                    data_docs=data_docs,
                    recorded_at=row["recorded_at"],
                )
            )
        return found

    def _verdict(self, run: dict[str, Any]) -> tuple[Verdict, str | None]:
        run_id = run["run_id"]
        row = self._run("find_verdict", run_id=run_id)
        verdict = Verdict(
            gates=row["gates"],
            language=run["language"],
            fingerprint=row["fingerprint"],
            attempt=run["attempt"],
            consequence=row["consequence"],
            checks=tuple(
                Check.model_validate(one) for one in self._run("find_checks", run_id=run_id)
            ),
            reasons=tuple(
                Reason.model_validate(one) for one in self._run("find_reasons", run_id=run_id)
            ),
        )
        return verdict, row["data_docs"]

    def metrics(self, fingerprint: str) -> list[Metric]:
        """The sound rows of an evaluation: each metric's title, then its lines."""
        return unfold(self._run("find_metrics", fingerprint=fingerprint))

    def publication(self, run_id: str) -> Publication | None:
        """The publication of a run."""
        row = self._run("find_publication", run_id=run_id)
        return Publication.model_validate(row) if row else None

    def publications(self, state: str = "pending") -> list[Publication]:
        """Publications in a state, the oldest first."""
        return [
            Publication.model_validate(row) for row in self._run("find_publications", state=state)
        ]

    def repair(self, run_id: str) -> Repair | None:
        """The repair of a run."""
        row = self._run("find_repair", run_id=run_id)
        return _repair(row) if row else None

    def repairs(self, state: str = "queued") -> list[Repair]:
        """Repairs in a state, the oldest first."""
        return [_repair(row) for row in self._run("find_repairs", state=state)]

    def quarantine(self, run_id: str) -> Quarantine | None:
        """The quarantine of a run."""
        row = self._run("find_quarantine", run_id=run_id)
        return Quarantine.model_validate(row) if row else None

    def quarantines(self, state: str = "held") -> list[Quarantine]:
        """Quarantined runs in a state, the oldest first."""
        return [
            Quarantine.model_validate(row) for row in self._run("find_quarantines", state=state)
        ]

    def set_state(self, kind: str, run_id: str, state: str, *, was: str, note: str = "") -> None:
        """Change the state of a `publication`, `repair` or `quarantine` if it is `was`.

        Changing it again is fine.

        Raises:
            InvalidInput: there is no such row.
            Conflict: it is in another state.
        """
        if kind not in ("publication", "repair", "quarantine"):
            raise ValueError(f"{kind!r} has no state that may be set")
        self._move(kind, {"run_id": run_id}, state, was, note)


def _refuse_other(run: DubRun, known: str, digest: str) -> None:
    if known != digest:
        raise Conflict(
            "the run was judged before, and otherwise",
            where=run.run_id,
            remedy="start a new run: what a run was judged is never changed",
        )


def _numbered(rows: tuple[Any, ...], of: dict[str, str]) -> list[dict[str, Any]]:
    """Rows for a statement, with their order."""
    return [{**of, **row.model_dump(), "position": number} for number, row in enumerate(rows)]


def _run_of(row: dict[str, Any]) -> DubRun:
    return DubRun.model_validate({name: row[name] for name in _RUN})


def _repair(row: dict[str, Any]) -> Repair:
    plan = RepairPlan.model_validate(json.loads(row["plan"])) if row["plan"] else None
    return Repair.model_validate({**row, "plan": plan})
