"""A person's redo keeps what was best, and speaks the lines anew that the notes name."""

from __future__ import annotations

from dataclasses import replace

import pytest

from airdub.repair import LineRepair, RepairPlan
from airdub.repair.asked import asked_repair, named_lines
from tests.unit.airdub.repair.cases import LADDERS, attempt


def test_named_lines_get_their_next_take_and_all_else_stays() -> None:
    kept = LineRepair(segment_id="s0001", take=2, metrics=("word_error_rate",))
    second = RepairPlan(attempt=2, based_on="run", lines=(kept,))
    attempts = [attempt(1, {}), attempt(2, {}, second)]
    plan = asked_repair(attempts, "run.a2", "s0002 is mumbled (s0003, too); s0009?", LADDERS)
    assert (plan.attempt, plan.based_on) == (3, "run.a2")
    assert [(line.segment_id, line.take, line.metrics) for line in plan.lines] == [
        ("s0001", 2, ("word_error_rate",)),
        ("s0002", 1, ("review",)),
        ("s0003", 1, ("review",)),
    ]
    assert [past.run_id for past in plan.history] == ["run", "run.a2"]


def test_what_was_heard_before_is_not_offered_again() -> None:
    tried = RepairPlan(attempt=2, based_on="run", lines=(LineRepair(segment_id="s0001", take=1),))
    attempts = [attempt(1, {}), attempt(2, {}, tried)]
    [line] = asked_repair(attempts, "run", "s0001", LADDERS).lines
    assert line.take == 2


def test_takes_are_those_of_the_engine_that_speaks_the_title_now() -> None:
    other = {"synthesize": "espeak_ng"}
    attempts = [attempt(1, {}), attempt(2, {}, RepairPlan(attempt=2, based_on="run", stages=other))]
    ladders = replace(LADDERS, takes={"flite": 4, "espeak_ng": 2})
    plan = asked_repair(attempts, "run.a2", "s0001", ladders)
    assert [(line.engine, line.take) for line in plan.lines] == [("", 1)]
    attempts.append(attempt(3, {}, plan))
    plan = asked_repair(attempts, "run.a3", "s0001 again", ladders)
    assert [(line.engine, line.take) for line in plan.lines] == [("", 1)], "there is no third take"
    assert plan.stages == other


def test_notes_without_lines_repeat_the_best_attempt() -> None:
    plan = asked_repair([attempt(1, {})], "run", "the glossary is corrected", LADDERS)
    assert (plan.attempt, plan.lines, plan.stages) == (2, (), {})


def test_it_must_be_one_of_the_attempts() -> None:
    with pytest.raises(ValueError, match="none of the attempts"):
        asked_repair([attempt(1, {})], "other", "", LADDERS)


@pytest.mark.parametrize(
    ("notes", "named"),
    [
        ("s0001", ["s0001"]),
        ("s0002,s0001.", ["s0001", "s0002"]),
        ("«s0001»: better", ["s0001"]),
        ("xs0001 s00011 s1 1", []),
        ("", []),
    ],
)
def test_lines_are_named_as_whole_words(notes: str, named: list[str]) -> None:
    assert named_lines(notes, ["s0001", "s0002"]) == named
