"""A finished dub that has passed no release gate yet, and how the run went that made it."""

from __future__ import annotations

from pydantic import JsonValue

from airdub.artifacts import ArtifactRef
from airdub.model import Document
from airdub.orders import DubOrder
from airdub.requests import Provenance, StageResult


class StageRecord(Document):
    """A stage's part in a draft; times are those of the run that computed it."""

    fingerprint: str
    provenance: Provenance
    measurements: dict[str, JsonValue]
    warnings: tuple[str, ...]
    n_scored: int
    n_skipped: int
    wall_s: float
    peak_memory_mb: float

    @classmethod
    def of(cls, result: StageResult) -> StageRecord:
        """The record of a result: all but its artifacts."""
        fields = {name: getattr(result, name) for name in cls.model_fields}
        return cls.model_validate(fields)


class Draft(Document):
    """The manifest of a draft, written once: another run of the same work finds it there.

    Attributes:
        order: the first one that asked for it.
        digest: sha256 over the stages' fingerprints.
        duration_s: of the source, and so of the dub.
        files: by what they are: deliverable, subtitles_srt, subtitles_vtt, dialogue_stem.
    """

    order: DubOrder
    digest: str
    duration_s: float
    files: dict[str, ArtifactRef]
    stages: dict[str, StageRecord]


class RunSummary(Document):
    """How one run came to its draft, and what its gate said.

    Attributes:
        manifest: key of the draft's manifest.
        cached: by stage, whether its result was there before the run asked for it.
        decision: `APPROVED`, `RETRY`, `REVIEW` or `REJECTED`; "" before the gate.
    """

    manifest: str
    cached: dict[str, bool]
    decision: str = ""


def summary_key(run_id: str) -> str:
    """Where a run's summary lies."""
    return f"runs/{run_id}/summary.json"


def order_key(run_id: str) -> str:
    """Where a run's own order lies: a draft keeps the first one that asked for it."""
    return f"runs/{run_id}/order.json"
