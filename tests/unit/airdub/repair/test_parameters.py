"""A stage is told of its own repairs and of nothing else: all other requests stay as they were."""

from __future__ import annotations

from functools import partial

import pytest

from airdub.engines import resolve_engine
from airdub.errors import InvalidInput
from airdub.repair import LineRepair, RepairPlan, repair_parameters
from airdub.requests import EngineRef
from airdub.stages import STAGES
from tests.fakes.stage_python import complete

RESOLVE = partial(resolve_engine, environment=complete())


def plan(*lines: LineRepair) -> RepairPlan:
    return RepairPlan(attempt=2, based_on="run", lines=lines)


def test_without_a_plan_no_stage_is_told_anything() -> None:
    assert {stage: repair_parameters(stage, None, RESOLVE) for stage in STAGES} == {
        stage: {} for stage in STAGES
    }


def test_another_take_concerns_speech_alone() -> None:
    told = {
        stage: repair_parameters(stage, plan(LineRepair(segment_id="s0002", take=2)), RESOLVE)
        for stage in STAGES
    }
    assert told.pop("synthesize") == {"repairs": {"s0002": {"take": 2}}}
    assert not any(told.values())


def test_engines_of_lines_are_stated_with_their_versions() -> None:
    line = LineRepair(segment_id="s0001", engine="espeak_ng", text_engine="apertium")
    told = repair_parameters("synthesize", plan(line), RESOLVE)["repairs"]["s0001"]["engine"]
    assert EngineRef.model_validate(told) == RESOLVE("synthesize", "espeak_ng")
    told = repair_parameters("translate", plan(line), RESOLVE)["repairs"]["s0001"]["engine"]
    assert EngineRef.model_validate(told) == RESOLVE("translate", "apertium")


def test_the_order_of_lines_in_a_plan_changes_no_request() -> None:
    one, other = LineRepair(segment_id="s0001", take=1), LineRepair(segment_id="s0002", take=1)
    first = repair_parameters("synthesize", plan(one, other), RESOLVE)
    again = repair_parameters("synthesize", plan(other, one), RESOLVE)
    assert list(first["repairs"]) == list(again["repairs"]) == ["s0001", "s0002"]


def test_a_shorter_line_concerns_translation_and_an_unstretched_one_the_mix() -> None:
    line = LineRepair(segment_id="s0001", syllable_factor=0.8, no_stretch=True, rate_percent=115)
    told = {stage: repair_parameters(stage, plan(line), RESOLVE) for stage in STAGES}
    assert {stage: parameters for stage, parameters in told.items() if parameters} == {
        "translate": {"repairs": {"s0001": {"syllable_factor": 0.8}}},
        "synthesize": {"repairs": {"s0001": {"rate_percent": 115}}},
        "mix": {"no_stretch": ["s0001"]},
    }


def test_an_engine_that_the_stage_does_not_have_is_refused() -> None:
    with pytest.raises(InvalidInput, match="synthesize has no engine 'apertium'"):
        repair_parameters(
            "synthesize", plan(LineRepair(segment_id="s0001", engine="apertium")), RESOLVE
        )
