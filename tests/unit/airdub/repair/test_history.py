"""Attempts come back from the catalogue with what each of them changed, and where lines lay."""

from __future__ import annotations

from pathlib import Path

from airdub.repair import attempts_of
from airdub.requests import EngineRef, Provenance, StageResult
from tests.builders import local_store, stored
from tests.unit.airdub.catalog.judged import judgement
from tests.unit.airdub.repair.cases import placed


def test_each_attempt_knows_the_plan_that_it_carried_out(tmp_path: Path) -> None:
    first = judgement("run", "repair")
    second = judgement("run.a2", "repair", attempt=2)
    third = judgement("run.a3", "review", attempt=3)
    attempts = attempts_of([third, first, second], "run.a3", local_store(tmp_path))
    assert [one.run_id for one in attempts] == ["run", "run.a2", "run.a3"]
    assert [one.plan for one in attempts] == [None, first.plan, second.plan]
    assert attempts[1].table.values["word_error_rate"]["title"]["value"] == 0.1


def test_other_orders_sources_and_profiles_are_left_out(tmp_path: Path) -> None:
    ours = judgement("run.a2", "review", attempt=2)
    others = [
        judgement("other", "review"),
        judgement("run", "repair", run={"source_sha256": "b" * 64}),
        judgement("run", "repair", run={"profile": "release"}),
    ]
    store = local_store(tmp_path)
    for other in others:
        attempts = attempts_of([other, ours], "run.a2", store)
        assert [one.run_id for one in attempts] == ["run.a2"]
    assert attempts_of([], "run", store) == []


def test_placements_are_read_where_they_still_are(tmp_path: Path) -> None:
    store = local_store(tmp_path)
    timing = placed({"s0001": {"natural": 3000, "take": 2500, "final": 2400, "shorten": 0.8}})
    result = StageResult(
        stage="mix",
        fingerprint="f",
        outputs={"placements": stored(store, "placements", timing)},
        provenance=Provenance(engine=EngineRef(name="fit", version="1")),
        wall_s=1.0,
    )
    store.write("r.json", result.to_json())
    (found,) = attempts_of([judgement("run")], "run", store)
    assert found.timing == timing
    store.delete(result.outputs["placements"].key)
    (found,) = attempts_of([judgement("run")], "run", store)
    assert found.timing is None
