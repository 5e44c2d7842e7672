"""Fingerprints hold all that may change an output, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from airdub.artifacts import ArtifactRef
from airdub.requests import AskedBy, EngineRef, StageRequest, build_request

ENGINE = EngineRef(name="flite", version="1", programs={"flite": "2.2-5"})


def _ref(content: str, key: str = "a/b.json") -> ArtifactRef:
    return ArtifactRef(key=key, sha256=content, bytes=3, media_type="application/json")


def _request(**changes: Any) -> StageRequest:
    fields: dict[str, Any] = {
        "stage": "synthesize",
        "engine": ENGINE,
        "inputs": {"lines": _ref("aa")},
        "attempt_id": "one",
        "parameters": {"rate": 1.0},
        "seed": 0,
    }
    return build_request(**(fields | changes))


@pytest.mark.parametrize(
    "change",
    [
        {"stage": "convert_voice"},
        {"engine": ENGINE.model_copy(update={"version": "2"})},
        {"engine": ENGINE.model_copy(update={"programs": {"flite": "2.3"}})},
        {"engine": ENGINE.model_copy(update={"weights": {"w": "00"}})},
        {"engine": ENGINE.model_copy(update={"precision": "fp16"})},
        {"inputs": {"lines": _ref("bb")}},
        {"inputs": {"other": _ref("aa")}},
        {"parameters": {"rate": 1.1}},
        {"seed": 1},
    ],
)
def test_what_may_change_the_output_changes_the_fingerprint(change: dict[str, Any]) -> None:
    assert _request(**change).fingerprint != _request().fingerprint


@pytest.mark.parametrize(
    "change",
    [
        {"attempt_id": "two"},
        {"asked_by": AskedBy(title_id="t", run_id="r")},
        {"inputs": {"lines": _ref("aa", key="moved/elsewhere.json")}},
    ],
)
def test_who_asked_and_where_it_lies_do_not(change: dict[str, Any]) -> None:
    assert _request(**change).fingerprint == _request().fingerprint


def test_the_fingerprint_is_the_same_in_every_release_of_this_contract() -> None:
    assert _request().fingerprint == (
        "59e47dce865cc49ac911c7c429e6bccbb3082513c42ae43db9d408e097891d5e"
    )


def test_keys_follow_from_the_fingerprint() -> None:
    request = _request()
    folder = f"work/synthesize/{request.fingerprint[:2]}/{request.fingerprint}"
    assert request.output_key == folder
    assert request.result_key == f"{folder}/result.json"
    assert request.request_key == f"{folder}/requests/one.json"
    assert request.attempt_key == f"{folder}/one"


def test_requests_survive_json() -> None:
    request = _request(asked_by=AskedBy(title_id="Ünïcode", language="ko"))
    assert StageRequest.model_validate_json(request.to_json()) == request
