"""What the golden cases can't tell of the planner."""

from __future__ import annotations

from dataclasses import replace

import pytest

from airdub.repair import Ladders, RepairPlan, plan_repair
from tests.unit.airdub.repair.cases import GATES, LADDERS, Values, attempt

TOO_LONG: Values = {"overflow": {"title": 0.9, "s0001": 0.9}}
MISHEARD: Values = {"word_error_rate": {"title": 0.2, "s0002": 0.8}}


def test_a_line_that_nothing_can_shorten_goes_to_people_at_once() -> None:
    without = Ladders({"translate": ("script",), "synthesize": ("flite",)}, shortens=False)
    assert plan_repair([attempt(1, TOO_LONG)], GATES, without) is None
    by_rules = plan_repair([attempt(1, TOO_LONG)], GATES, replace(without, shortens=True))
    assert by_rules is not None
    assert by_rules.line("s0001").syllable_factor == 0.9
    assert by_rules.line("s0001").text_engine == ""


def test_takes_of_the_engine_that_a_repair_gave_the_stage_are_tried_first() -> None:
    plan = RepairPlan(attempt=2, based_on="run", stages={"synthesize": "espeak_ng"})
    better: Values = {"word_error_rate": {"title": 0.2, "s0002": 0.6}}
    ladders = replace(LADDERS, takes={"flite": 1, "espeak_ng": 2})
    attempts = [attempt(1, MISHEARD), attempt(2, better, plan)]
    repaired = plan_repair(attempts, GATES, ladders)
    assert repaired is not None
    assert repaired.stages == {"synthesize": "espeak_ng"}
    assert (repaired.line("s0002").engine, repaired.line("s0002").take) == ("", 1)


def test_what_lost_attempts_tried_is_not_tried_again() -> None:
    first = plan_repair([attempt(1, MISHEARD)], GATES, LADDERS)
    assert first is not None
    second = plan_repair([attempt(2, MISHEARD, first)], GATES, LADDERS)
    assert second is not None
    assert (first.line("s0002").take, second.line("s0002").take) == (1, 2)


def test_without_attempts_there_is_nothing_to_plan() -> None:
    with pytest.raises(IndexError):
        plan_repair([], GATES, LADDERS)
