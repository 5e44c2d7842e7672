"""What a stage is asked holds what its engine reads, and nothing that would change its name."""

from __future__ import annotations

import json

from .conftest import Flow
from .pipeline import run_all


def inputs(flow: Flow, stage: str) -> set[str]:
    """Input ports of the only request of a stage."""
    keys = [key for key in flow.store.list(f"work/{stage}") if "/requests/" in key]
    (asked,) = (json.loads(flow.store.read(key)) for key in keys if "lease" not in key)
    return set(asked["inputs"])


def test_an_engine_gets_what_others_hear_only_where_it_hears_too(flow: Flow) -> None:
    run_all(flow)
    assert inputs(flow, "lipsync") == {"source", "facts", "faces", "landmarks", "placements"}
    assert "dialogue_stem" in inputs(flow, "evaluate")
