"""What follows from a verdict: both judges are heard, and a worse repair never wins."""

from __future__ import annotations

import pytest

from airdub.gates import Code, Consequence, GateProfile, Verdict, judge
from airdub.gates.suite import suite_of
from airdub.judging import Settlement, agreed, settle
from airdub.repair import Attempt, Ladders
from tests.unit.airdub.gates.tables import PRINT, changed, good_table, profile
from tests.unit.airdub.repair.cases import GATES, LADDERS, Values, attempt

GOOD: Values = {"word_error_rate": {"title": 0.2, "s0001": 0.1, "s0002": 0.1, "s0003": 0.4}}
BAD: Values = {"word_error_rate": {"title": 0.4, "s0001": 0.1, "s0002": 0.1, "s0003": 1.0}}
WORSE: Values = {"word_error_rate": {"title": 0.6, "s0001": 0.1, "s0002": 0.9, "s0003": 1.0}}
SPOILT: Values = BAD | {"psnr": {"title": 20.0}}


def settled(
    *attempts: Attempt, gates: GateProfile = GATES, ladders: Ladders = LADDERS
) -> Settlement:
    return settle(attempts[-1], attempts[:-1], gates, ladders)


def codes(verdict: Verdict) -> list[Code]:
    return [reason.code for reason in verdict.reasons]


def test_what_passes_is_published() -> None:
    found = settled(attempt(1, GOOD))
    assert (found.verdict.consequence, found.plan, found.best_run_id) == (
        Consequence.PUBLISH,
        None,
        "run",
    )


def test_what_can_be_repaired_is() -> None:
    found = settled(attempt(1, BAD))
    assert found.verdict.consequence is Consequence.REPAIR
    assert found.plan is not None
    assert [line.segment_id for line in found.plan.lines] == ["s0003"]


def test_a_repair_that_passes_is_published() -> None:
    first = attempt(1, BAD)
    plan = settled(first).plan
    found = settled(first, attempt(2, GOOD, plan))
    assert (found.verdict.consequence, found.best_run_id) == (Consequence.PUBLISH, "run.a2")


def test_people_decide_when_nothing_is_left_to_try() -> None:
    bare = Ladders({"synthesize": ("espeak_ng",), "convert_voice": ("none",)})
    spoilt: Values = {"source_leak": {"title": 0.0}}
    found = settled(attempt(1, spoilt), ladders=bare)
    assert (found.verdict.consequence, found.plan) == (Consequence.REVIEW, None)
    assert codes(found.verdict) == [Code.OUT_OF_BOUNDS, Code.NO_REPAIR]


def test_a_worse_last_attempt_leaves_the_better_one_to_people() -> None:
    gates = GATES.model_copy(update={"attempts": 2})
    first = attempt(1, BAD, gates=gates)
    plan = settled(first, gates=gates).plan
    found = settled(first, attempt(2, WORSE, plan, gates=gates), gates=gates)
    assert found.verdict.consequence is Consequence.REVIEW
    assert found.best_run_id == "run"
    assert codes(found.verdict)[-1] is Code.BETTER_BEFORE


def test_the_next_plan_is_built_on_the_better_attempt() -> None:
    first = attempt(1, BAD)
    plan = settled(first).plan
    found = settled(first, attempt(2, WORSE, plan))
    assert found.plan is not None
    assert (found.plan.attempt, found.plan.based_on, found.best_run_id) == (3, "run", "run")


def test_a_repair_that_spoils_the_title_does_not_take_the_better_one_along() -> None:
    first = attempt(1, BAD)
    plan = settled(first).plan
    latest = attempt(2, SPOILT, plan)
    assert latest.verdict.consequence is Consequence.QUARANTINE
    found = settled(first, latest)
    assert (found.verdict.consequence, found.best_run_id) == (Consequence.REVIEW, "run")


def test_a_first_attempt_that_cannot_be_trusted_stays_in_quarantine() -> None:
    found = settled(attempt(1, SPOILT))
    assert (found.verdict.consequence, found.best_run_id) == (Consequence.QUARANTINE, "run")
    again = settled(attempt(1, SPOILT), attempt(2, SPOILT | WORSE))
    assert again.verdict.consequence is Consequence.QUARANTINE


def test_both_judges_must_agree_to_publish() -> None:
    passed = judge(profile(), good_table(), PRINT)
    refused = [one for one in suite_of(profile(), PRINT) if one.metric == "psnr"]
    verdict = agreed(passed, refused)
    assert verdict.consequence is Consequence.QUARANTINE
    assert verdict.decision == "REJECTED"
    assert "psnr: at least 35 dB" in verdict.reasons[-1].text
    assert agreed(passed, []) == passed


def test_advice_of_the_second_judge_stops_nothing() -> None:
    passed = judge(profile(), good_table(), PRINT)
    advice = [one for one in suite_of(profile(), PRINT) if one.metric == "chrf"]
    assert agreed(passed, advice) == passed


@pytest.mark.parametrize("unmet", [0, 1])
def test_the_second_judge_never_softens_the_first(unmet: int) -> None:
    refused = judge(profile(), changed("psnr", value=30.0), PRINT)
    others = [one for one in suite_of(profile(), PRINT) if one.blocking][:unmet]
    assert agreed(refused, others) == refused
