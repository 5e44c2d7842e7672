"""The repair planner: what the next attempt at a title changes, from all attempts so far. Pure.

1. The best attempt is built on. Each of its lines is made as it was best among the attempts with
   the same engines for all stages: a change that didn't help goes.
2. Each line that fails gets its next untried repair; what it failed says of which kind.
3. Only when no line can be helped, a stage gets its next engine.
4. When nothing new is left there is no plan: people decide.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from airdub.gates import Consequence, GateProfile
from airdub.repair.attempts import (
    Attempt,
    best_attempt,
    failing_lines,
    failing_metrics,
    line_score,
)
from airdub.repair.ladders import Ladders
from airdub.repair.plan import LineRepair, PastAttempt, RepairPlan
from airdub.repair.remedies import STAGES_TO_CHANGE, FailingLine, next_repair


def plan_repair(
    attempts: Sequence[Attempt], gates: GateProfile, ladders: Ladders
) -> RepairPlan | None:
    """The plan of the attempt after the last one.

    Args:
        attempts: at one title, language, source and profile, in order; the last one was just
            judged.
        gates: that judged them.

    Returns:
        None when the last verdict asks for no repair, the gates allow no further attempt, or
        there is nothing left to try: then people decide.

    Raises:
        IndexError: there is no attempt.
    """
    latest = attempts[-1]
    if latest.verdict.consequence is not Consequence.REPAIR or latest.number >= gates.attempts:
        return None
    best = best_attempt(attempts, gates)
    bench = _Bench(best, attempts, gates, history_of(attempts))
    ladders = ladders.under(best.stages)
    plan = RepairPlan(
        attempt=latest.number + 1,
        based_on=best.run_id,
        lines=bench.repaired_lines(ladders),
        stages=best.stages,
        history=bench.history,
    )
    if not bench.was_tried(plan):
        return plan
    stages = bench.next_stages(ladders)
    return plan.model_copy(update={"stages": stages}) if stages else None


def history_of(attempts: Sequence[Attempt]) -> tuple[PastAttempt, ...]:
    """What every attempt changed; those that aren't at hand as the last plan tells of them."""
    last = attempts[-1].plan
    told = {past.run_id: past for past in (last.history if last else ())}
    told |= {
        attempt.run_id: PastAttempt(
            run_id=attempt.run_id,
            attempt=attempt.number,
            lines=attempt.lines,
            stages=attempt.stages,
        )
        for attempt in attempts
    }
    return tuple(sorted(told.values(), key=lambda past: (past.attempt, past.run_id)))


@dataclass(frozen=True)
class _Bench:
    """What is known when the next plan is made."""

    best: Attempt
    attempts: Sequence[Attempt]
    gates: GateProfile
    history: tuple[PastAttempt, ...]

    def repaired_lines(self, ladders: Ladders) -> tuple[LineRepair, ...]:
        """Every line that is changed: as it was best, or by its next repair."""
        failing_at = {
            attempt.run_id: failing_lines(attempt, self.gates) for attempt in self._comparable()
        }
        named = {line.segment_id for attempt in self._comparable() for line in attempt.lines}
        failing = {name for lines in failing_at.values() for name in lines}
        repaired = []
        for name in sorted(named | failing):
            home = self._best_of(name)
            made = home.line(name)
            metrics = failing_at[home.run_id].get(name, ())
            if not metrics and self.best.line(name).changes == made.changes:
                metrics = failing_at[self.best.run_id].get(name, ())
                home = self.best
            line = FailingLine.of(made, metrics, home.timing)
            repaired.append(next_repair(line, ladders, self._tried(name)) or made)
        return tuple(line for line in repaired if not line.changes_nothing)

    def next_stages(self, ladders: Ladders) -> dict[str, str]:
        """The stages' engines with one of them a rung lower; empty when there is none untried."""
        before = [past.stages for past in self.history]
        for metric in failing_metrics(self.best):
            stage = STAGES_TO_CHANGE.get(metric, "")
            for engine in ladders.after(stage):
                if {**self.best.stages, stage: engine} not in before:
                    return {**self.best.stages, stage: engine}
        return {}

    def was_tried(self, plan: RepairPlan) -> bool:
        """Whether some attempt was all that the plan is."""
        wanted = {line.changes for line in plan.lines}
        return any(
            past.stages == plan.stages and {line.changes for line in past.lines} == wanted
            for past in self.history
        )

    def _comparable(self) -> Iterator[Attempt]:
        """Attempts that differ from the best one in lines alone."""
        return (attempt for attempt in self.attempts if attempt.stages == self.best.stages)

    def _best_of(self, segment_id: str) -> Attempt:
        """The attempt whose line was best; of equal ones the earliest, which changed less."""
        return min(
            self._comparable(),
            key=lambda attempt: (line_score(attempt, self.gates, segment_id), attempt.number),
        )

    def _tried(self, segment_id: str) -> set[LineRepair]:
        same = (past for past in self.history if past.stages == self.best.stages)
        return {past.line(segment_id).changes for past in same}
