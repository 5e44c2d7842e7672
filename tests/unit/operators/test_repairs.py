"""A repair reaches the stages that it concerns; all others find what is there."""

from __future__ import annotations

import json
from typing import Any

import pytest

from airdub.errors import InvalidInput
from airdub.requests import EngineRef, Provenance, StageResult
from operators.ingest import IngestOperator
from operators.references import Source
from operators.stage_process import StageProcessOperator

from .conftest import Flow

PLAN: dict[str, Any] = {
    "attempt": 2,
    "based_on": "run-1",
    "lines": [{"segment_id": "s0002", "take": 1, "engine": "espeak_ng", "metrics": ["dnsmos"]}],
}


@pytest.fixture
def spoken(flow: Flow) -> Flow:
    """A run with words to be spoken, probed and spoken once."""
    (flow.folder / "film.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\nHola.\n")
    flow.params |= {"source_language": "es", "target_language": "en"}
    flow.run(IngestOperator(task_id="ingest"))
    words = flow.folder / "words.json"
    words.write_text("{}")
    outputs = {
        name: flow.store.put(words, f"work/words/{name}.json", "application/json")
        for name in ("transcript", "lines")
    }
    result = StageResult(
        stage="translate",
        fingerprint="f",
        outputs=outputs,
        provenance=Provenance(engine=EngineRef(name="it", version="1")),
        wall_s=1.0,
    )
    flow.store.write("work/words/result.json", result.to_json())
    flow.xcoms["translate"] = {"result_key": "work/words/result.json"}
    flow.run(stage("probe", source="ingest"))
    flow.run(stage("synthesize", transcript="translate", lines="translate"))
    return flow


def stage(name: str, **inputs: str) -> StageProcessOperator:
    sources = {port: Source(task_id, port) for port, task_id in inputs.items()}
    return StageProcessOperator(task_id=name, stage=name, inputs=sources)


def requests(flow: Flow, name: str) -> list[dict[str, Any]]:
    keys = [key for key in flow.store.list(f"work/{name}") if "/requests/" in key]
    return [json.loads(flow.store.read(key)) for key in keys if "lease" not in key]


def test_only_the_stage_that_is_told_of_a_repair_runs_again(spoken: Flow) -> None:
    spoken.params |= {"attempt": 2, "repair": PLAN, "parent_run_id": "run-1"}
    assert spoken.run(stage("probe", source="ingest"))["cached"] is True
    again = spoken.run(stage("synthesize", transcript="translate", lines="translate"))
    assert again["cached"] is False
    [repaired] = [one for one in requests(spoken, "synthesize") if "repairs" in one["parameters"]]
    assert repaired["parameters"]["repairs"]["s0002"]["take"] == 1
    stated = EngineRef.model_validate(repaired["parameters"]["repairs"]["s0002"]["engine"])
    assert (stated.name, stated.programs["libespeak-ng1"]) == ("espeak_ng", "1")
    assert repaired["asked_by"]["attempt"] == 2
    assert repaired["engine"]["name"] == "flite"


def test_why_a_line_is_repaired_changes_no_request(spoken: Flow) -> None:
    synthesize = stage("synthesize", transcript="translate", lines="translate")
    spoken.params |= {"attempt": 2, "repair": PLAN}
    first = spoken.run(synthesize)
    line = {**PLAN["lines"][0], "metrics": ["word_error_rate"]}
    spoken.params |= {"attempt": 3, "repair": {**PLAN, "attempt": 3, "lines": [line]}}
    assert spoken.run(synthesize) == first | {"cached": True}


def test_a_repair_may_give_a_stage_another_engine(spoken: Flow) -> None:
    plan = {**PLAN, "lines": [], "stages": {"synthesize": "espeak_ng"}}
    spoken.params |= {"attempt": 2, "repair": plan}
    spoken.run(stage("synthesize", transcript="translate", lines="translate"))
    names = {one["engine"]["name"] for one in requests(spoken, "synthesize")}
    assert names == {"flite", "espeak_ng"}


def test_ingest_refuses_a_repair_that_cannot_be_made(flow: Flow) -> None:
    flow.params |= {"attempt": 2, "repair": {**PLAN, "stages": {"mix": "espeak_ng"}}}
    with pytest.raises(InvalidInput, match="espeak_ng of profile 'embedded' cannot mix"):
        flow.run(IngestOperator(task_id="ingest"))
