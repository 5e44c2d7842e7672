"""Repairs to their end in worlds where every change does something random."""

from __future__ import annotations

import zlib
from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from airdub.gates import GateProfile
from airdub.repair import Attempt, LineRepair, RepairPlan, best_attempt, plan_repair
from airdub.repair.attempts import failing_lines, title_score
from tests.unit.airdub.repair.cases import GATES, LADDERS, attempt, placed

LINES = ("s0001", "s0002", "s0003")
GATED_LINES = ("word_error_rate", "overflow", "clipping", "untranslated_text")
VALUES = (0.0, 0.0, 0.0, 0.1, 0.45, 0.7, 1.2)
MANY = GATES.model_copy(update={"attempts": 40})

World = Callable[[int, RepairPlan | None], Attempt]


def world(seed: int, gates: GateProfile) -> World:
    """Where the same state of a line always measures the same."""

    def value(metric: str, line: LineRepair, stages: dict[str, str]) -> float:
        state = f"{seed} {metric} {line.changes!r} {sorted(stages.items())}"
        return VALUES[zlib.crc32(state.encode()) % len(VALUES)]

    def judged(number: int, plan: RepairPlan | None) -> Attempt:
        made = {name: plan.line(name) if plan else LineRepair(segment_id=name) for name in LINES}
        stages = plan.stages if plan else {}
        values = {
            metric: {name: value(metric, line, stages) for name, line in made.items()}
            for metric in GATED_LINES
        }
        for own in values.values():
            own["title"] = sum(own.values()) / len(LINES)
        values["source_leak"] = {"title": -12.0 if seed % 2 else -8.0}
        times = {
            name: {"natural": 3000.0, "take": 2500.0, "final": 2300.0 + 100 * len(repr(line)) % 500}
            for name, line in made.items()
        }
        return attempt(number, values, plan, lines=LINES, timing=placed(times), gates=gates)

    return judged


def run(judged: World, gates: GateProfile) -> list[Attempt]:
    """Attempts until the gate or the planner ends them."""
    attempts = [judged(1, None)]
    while plan := plan_repair(attempts, gates, LADDERS):
        attempts.append(judged(plan.attempt, plan))
    return attempts


@settings(deadline=None)  # the machine may be busy
@given(st.integers(0, 10_000))
def test_repairs_end_and_never_try_anything_twice(seed: int) -> None:
    attempts = run(world(seed, MANY), MANY)
    assert len(attempts) < MANY.attempts, "ended by the bound, not by running out of ideas"
    made = [
        (sorted(one.stages.items()), sorted(line.changes.to_json() for line in one.lines))
        for one in attempts
    ]
    assert all(made[at] not in made[:at] for at in range(1, len(made)))


@settings(deadline=None)  # the machine may be busy
@given(st.integers(0, 10_000), st.integers(1, 5))
def test_attempts_are_bounded(seed: int, most: int) -> None:
    gates = GATES.model_copy(update={"attempts": most})
    attempts = run(world(seed, gates), gates)
    assert [one.number for one in attempts] == list(range(1, len(attempts) + 1))
    assert len(attempts) <= most


@settings(deadline=None)  # the machine may be busy
@given(st.integers(0, 10_000))
def test_the_best_attempt_never_gets_worse_and_every_plan_builds_on_it(seed: int) -> None:
    attempts = run(world(seed, MANY), MANY)
    for count in range(1, len(attempts)):
        best = best_attempt(attempts[:count], MANY)
        plan = attempts[count].plan
        assert plan is not None
        assert plan.based_on == best.run_id
        assert title_score(best_attempt(attempts[: count + 1], MANY), MANY) <= title_score(
            best, MANY
        )


@settings(deadline=None)  # the machine may be busy
@given(st.integers(0, 10_000))
def test_a_line_that_is_not_to_blame_is_never_changed(seed: int) -> None:
    attempts = run(world(seed, MANY), MANY)
    blamed = {name for one in attempts for name in failing_lines(one, MANY)}
    assert {line.segment_id for one in attempts for line in one.lines} <= blamed


@settings(deadline=None)  # the machine may be busy
@given(st.integers(0, 10_000))
def test_every_plan_says_why_and_can_be_read_back(seed: int) -> None:
    for one in run(world(seed, MANY), MANY):
        if one.plan:
            assert all(line.metrics for line in one.plan.lines)
            assert RepairPlan.model_validate_json(one.plan.to_json()) == one.plan
            assert len(one.plan.history) == one.number - 1


@settings(deadline=None)  # the machine may be busy
@given(st.integers(0, 10_000))
def test_the_planner_is_deterministic(seed: int) -> None:
    attempts = run(world(seed, GATES), GATES)
    assert plan_repair(attempts, GATES, LADDERS) == plan_repair(list(attempts), GATES, LADDERS)
