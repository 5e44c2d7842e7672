"""A repair plan is closed to nonsense, and says which run comes next."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from airdub.repair import LineRepair, RepairPlan, attempt_run_id


@pytest.mark.parametrize(
    "hostile",
    [
        {"attempt": 1},
        {"attempt": 100},
        {"based_on": ""},
        {"lines": [{"segment_id": "../../etc"}]},
        {"lines": [{"segment_id": "s0001", "engine": "os.path"}]},
        {"lines": [{"segment_id": "s0001", "text_engine": "../x"}]},
        {"lines": [{"segment_id": "s0001", "take": -1}]},
        {"lines": [{"segment_id": "s0001", "rate_percent": 1000}]},
        {"lines": [{"segment_id": "s0001", "syllable_factor": 0}]},
        {"lines": [{"segment_id": "s0001", "syllable_factor": float("nan")}]},
        {"lines": [{"segment_id": "s0001", "shell": "rm"}]},
        {"lines": [{"segment_id": "s0001"}, {"segment_id": "s0001"}]},
        {"stages": {"format_disk": "mkfs"}},
        {"stages": {"mix": "../fit"}},
    ],
)
def test_nonsense_is_no_plan(hostile: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        RepairPlan.model_validate({"attempt": 2, "based_on": "run", **hostile})


def test_a_plan_survives_its_way_through_json() -> None:
    plan = RepairPlan(
        attempt=2,
        based_on="run",
        lines=(LineRepair(segment_id="s0002", take=1, metrics=("word_error_rate",)),),
        stages={"convert_voice": "none"},
    )
    assert RepairPlan.model_validate_json(plan.to_json()) == plan


def test_reasons_are_no_changes() -> None:
    one = LineRepair(segment_id="s0001", take=1, metrics=("overflow",))
    other = one.model_copy(update={"metrics": ("clipping",)})
    assert one.changes == other.changes
    assert not one.changes_nothing
    assert LineRepair(segment_id="s0001", metrics=("overflow",)).changes_nothing


def test_a_line_that_the_plan_does_not_name_is_made_as_at_first() -> None:
    plan = RepairPlan(attempt=2, based_on="run", lines=(LineRepair(segment_id="s0002", take=1),))
    assert plan.line("s0002").take == 1
    assert plan.line("s0001").changes_nothing


def test_run_ids_of_attempts() -> None:
    assert attempt_run_id("dub_film_es", 2) == "dub_film_es.a2"
    assert attempt_run_id("dub_film_es.a2", 3) == "dub_film_es.a3"
    assert attempt_run_id("dub_film_es.a3", 1) == "dub_film_es"
    assert attempt_run_id("film.a2.es", 2) == "film.a2.es.a2"
    assert attempt_run_id("film.es.a12", 13) == "film.es.a13"


def test_random_digits_of_a_run_are_no_attempt() -> None:
    assert attempt_run_id("film.es.20261121T151738.a580", 2) == "film.es.20261121T151738.a580.a2"
    assert attempt_run_id("film.es.20261121T151738.a580.a2", 1) == "film.es.20261121T151738.a580"
    assert attempt_run_id("film.es.a1", 2) == "film.es.a1.a2"


def test_a_plan_is_told_in_a_line() -> None:
    plan = RepairPlan(
        attempt=2,
        based_on="run",
        lines=(
            LineRepair(segment_id="s0003", take=1, metrics=("overflow", "clipping")),
            LineRepair(segment_id="s0004", take=2),
        ),
        stages={"convert_voice": "none"},
    )
    assert plan.summary == "s0003 (overflow, clipping); s0004; convert_voice by none"
