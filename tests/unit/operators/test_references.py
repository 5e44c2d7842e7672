"""Tasks hand on references; inputs are looked up in the results they point to."""

from __future__ import annotations

import pytest

from airdub.artifacts import ArtifactRef
from airdub.errors import IncompleteResult
from airdub.requests import EngineRef, Provenance, StageResult
from airdub.stages import STAGES
from operators.references import Source, collect_inputs, pull_results

from .conftest import Flow

REF = ArtifactRef(key="a/b", sha256="0" * 64, bytes=1, media_type="text/plain")


def result(**outputs: ArtifactRef) -> StageResult:
    return StageResult(
        stage="any",
        fingerprint="f",
        outputs=outputs,
        provenance=Provenance(engine=EngineRef(name="any", version="1")),
        wall_s=0,
    )


def test_an_optional_input_that_upstream_did_not_make_is_left_out() -> None:
    wiring = {
        "transcript": Source("transcribe", "transcript"),
        "glossary": Source("ingest", "glossary"),
    }
    results = {"transcribe": result(transcript=REF), "ingest": result(source=REF)}
    assert collect_inputs(STAGES["translate"], wiring, results) == {"transcript": REF}


def test_a_required_input_that_upstream_did_not_make_is_an_error() -> None:
    wiring = {"transcript": Source("transcribe", "transcript")}
    with pytest.raises(IncompleteResult, match=r"translate\.transcript.*transcribe made no"):
        collect_inputs(STAGES["translate"], wiring, {"transcribe": result()})


@pytest.mark.parametrize("reference", [None, {"result_key": "work/gone/result.json"}])
def test_an_upstream_result_that_is_gone_says_what_to_clear(
    flow: Flow, reference: dict[str, str] | None
) -> None:
    flow.xcoms["prepare.probe"] = reference
    with pytest.raises(IncompleteResult, match=r"clear prepare\.probe"):
        pull_results(flow.context("x"), flow.store, ["prepare.probe"])
