"""A finished run without its stages: results in the store as they would have left them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from airdub.gates import load_gates
from airdub.requests import EngineRef, Provenance, StageResult
from operators.release_gate import ReleaseGateOperator
from tests.fakes.metrics import passing_table

from .conftest import Flow

STAGES = ("ingest", "mix", "evaluate")
PRINT = "f" * 64


def rows(changes: Mapping[str, Mapping[str, Any]] | None = None) -> list[dict[str, Any]]:
    """Rows that the embedded gates pass in English, but for the changes."""
    return passing_table(load_gates("embedded", "en"), PRINT, changes=changes).plain()


def changed(metric: str, /, **changes: Any) -> list[dict[str, Any]]:
    """The passing rows with the title's row of a metric changed."""
    return [
        one | changes if (one["metric"], one["scope"]) == (metric, "title") else one
        for one in rows()
    ]


def finish(
    flow: Flow, table: Sequence[Mapping[str, Any]] | bytes, *, fingerprint: str = PRINT
) -> None:
    """Leave a finished run with this table of metrics: rows, or the file itself."""
    flow.params |= {"source_language": "es", "target_language": "en"}
    content = table if isinstance(table, bytes) else _document(table, fingerprint)
    outputs = {"ingest": ("source", b"moving pictures"), "mix": ("placements", b"{}")}
    outputs["evaluate"] = ("metrics", content)
    for stage, (name, data) in outputs.items():
        print_ = fingerprint if stage == "evaluate" else stage
        folder = f"work/{stage}/{print_}"
        file = flow.folder / f"{stage}.{name}"
        file.write_bytes(data)
        ref = flow.store.put(file, f"{folder}/{name}", "application/json")
        result = StageResult(
            stage=stage,
            fingerprint=print_,
            outputs={name: ref},
            provenance=Provenance(engine=EngineRef(name="test", version="1")),
            wall_s=1.5,
        )
        key = f"{folder}/result.json"
        flow.store.write(key, result.to_json())
        flow.xcoms[stage] = {"result_key": key, "fingerprint": print_, "cached": False}
    flow.xcoms["draft"] = {"result_key": "drafts/film/en/ab/manifest.json"}


def gate() -> ReleaseGateOperator:
    """The operator on such a run."""
    return ReleaseGateOperator(task_id="release_gate", stages=STAGES, draft="draft")


def _document(table: Sequence[Mapping[str, Any]], fingerprint: str) -> bytes:
    """JSON as a careless writer would give it: NaN and infinity included."""
    document = {
        "fingerprint": fingerprint,
        "language": "en",
        "deliverable": "",
        "rows": [{**row, "fingerprint": _print_of(row, fingerprint)} for row in table],
    }
    return json.dumps(document).encode()


def _print_of(row: Mapping[str, Any], fingerprint: str) -> str:
    return fingerprint if row.get("fingerprint") == PRINT else str(row.get("fingerprint"))
