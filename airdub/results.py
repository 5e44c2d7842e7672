"""Reading results: the only proof that a stage is done."""

from __future__ import annotations

from pydantic import ValidationError

from airdub.artifacts import ArtifactStore
from airdub.requests import StageRequest, StageResult


def read_result(store: ArtifactStore, request: StageRequest) -> StageResult | None:
    """The request's verified result: schema and fingerprint match, every output has its size.

    None when it isn't there or can't be verified; hashes are checked when outputs are read.
    """
    result = load_result(store, request.result_key)
    if result is None or result.fingerprint != request.fingerprint:
        return None
    return result if is_whole(store, result) else None


def is_whole(store: ArtifactStore, result: StageResult) -> bool:
    """Whether every output is in the store with its size."""
    return all(store.holds(ref) for ref in result.outputs.values())


def load_result(store: ArtifactStore, key: str) -> StageResult | None:
    """A result document by its key; None when it is absent or of another contract."""
    try:
        return StageResult.model_validate_json(store.read(key))
    except (FileNotFoundError, ValidationError):
        return None
