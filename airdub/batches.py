"""Several requests of one stage and engine, made by one process that loads the model once."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from airdub.requests import AskedBy, StageRequest, fingerprint
from airdub.stages import Resources

LONGEST_S = 24 * 3600
"""How long a batch may take, however many requests it has."""

FAILED, SKIPPED = "failed", "skipped"
"""Measurements of a batch's result: why requests have no result of their own, by fingerprint."""


class BatchRequest(StageRequest):
    """A request for the results of others. Its own result says what became of each.

    Each of its requests is made as if it had been asked for alone, and has its own result; the
    batch's has no other outputs than those. It lies with the run that asked for it.

    Attributes:
        requests: of one stage and engine, in the order in which they are made.
        resources: what the process asks of its machine.
    """

    requests: tuple[StageRequest, ...]
    resources: Resources

    @property
    def arguments(self) -> tuple[str, ...]:
        """What the runner is called with."""
        return self.stage, "--batch", self.request_key


def build_batch(
    requests: Sequence[StageRequest], resources: Resources, run_id: str
) -> BatchRequest:
    """Put requests together.

    Args:
        requests: at least one, of one stage and engine.
        resources: what each of them asks for.
        run_id: of the run that has them made.
    """
    first = requests[0]
    prints = [one.fingerprint for one in requests]
    folder = f"runs/{run_id}/batch"
    return BatchRequest(
        stage=first.stage,
        engine=first.engine,
        fingerprint=fingerprint(first.stage, first.engine, {"requests": prints}, {}, 0),
        output_key=folder,
        attempt_key=f"{folder}/{uuid.uuid4().hex}",
        asked_by=AskedBy(run_id=run_id),
        requests=tuple(requests),
        resources=resources.model_copy(
            update={"timeout_s": min(LONGEST_S, resources.timeout_s * len(requests))}
        ),
    )
