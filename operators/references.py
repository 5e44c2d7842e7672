"""What passes between tasks: a small reference to a result in the store, never data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypedDict

from airdub.artifacts import ArtifactRef, ArtifactStore
from airdub.errors import IncompleteResult
from airdub.requests import StageResult
from airdub.results import load_result
from airdub.stages import StageSpec


class ResultReference(TypedDict):
    """A task's XCom: where its result lies, and whether it was there before the task ran."""

    result_key: str
    fingerprint: str
    cached: bool


@dataclass(frozen=True)
class Source:
    """An output of an upstream task, as DAG authors wire it: `transcribe["transcript"]`."""

    task_id: str
    output: str


def pull_results(context: Any, store: ArtifactStore, task_ids: Iterable[str]) -> dict[str, Any]:
    """Upstream tasks' references and results by task id: `{"id": (reference, result)}`.

    Raises:
        IncompleteResult: an upstream task left no result, or it is gone from the store.
    """
    found = {}
    for task_id in dict.fromkeys(task_ids):
        reference = context["ti"].xcom_pull(task_ids=task_id)
        result = load_result(store, reference["result_key"]) if reference else None
        if result is None:
            raise IncompleteResult(
                "the result of the upstream task is not in the store",
                where=task_id,
                remedy=f"clear {task_id}",
            )
        found[task_id] = (reference, result)
    return found


def collect_inputs(
    spec: StageSpec, wiring: dict[str, Source], results: dict[str, StageResult]
) -> dict[str, ArtifactRef]:
    """The stage's inputs; optional ones that upstream didn't make are left out.

    Args:
        wiring: where each input port comes from.
        results: upstream results by task id.

    Raises:
        IncompleteResult: a required input is missing.
    """
    inputs = {}
    for port, source in wiring.items():
        ref = results[source.task_id].outputs.get(source.output)
        if ref is not None:
            inputs[port] = ref
        elif not spec.input(port).optional:
            raise IncompleteResult(
                f"{source.task_id} made no {source.output}", where=f"{spec.name}.{port}"
            )
    return inputs
