"""Several requests of one stage and engine, made by one process that loads the model once."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from pydantic import Field

from airdub.model import Document
from airdub.requests import AskedBy, StageRequest, fingerprint
from airdub.stages import Resources

LONGEST_S = 20 * 3600
"""How long a batch may take, however many requests it has: less than the day after which Redis
hands its task out again (`visibility_timeout`)."""


class BatchRequest(StageRequest):
    """A request for the results of others. Its own result says what became of each.

    Each of its requests is made as if it had been asked for alone, and has its own result; the
    batch's has no other outputs than those. It lies with the run that asked for it.

    Attributes:
        requests: of one stage and engine, in the order in which they are made.
        one: what each of them asks of its machine.
    """

    requests: tuple[StageRequest, ...]
    one: Resources

    @property
    def arguments(self) -> tuple[str, ...]:
        """What the runner is called with."""
        return self.stage, "--batch", self.request_key

    @property
    def resources(self) -> Resources:
        """What their process asks of its machine: as much for longer, within LONGEST_S."""
        timeout_s = min(LONGEST_S, self.one.timeout_s * len(self.requests))
        return self.one.model_copy(update={"timeout_s": max(self.one.timeout_s, timeout_s)})


class BatchOutcome(Document):
    """The measurements of a batch's result, by its requests' fingerprints.

    Attributes:
        failed: what ended those that failed.
        taken: that somebody else was making.
        adopted: whose results were there already.
    """

    failed: dict[str, str] = Field(default_factory=dict)
    taken: tuple[str, ...] = ()
    adopted: tuple[str, ...] = ()


def build_batch(requests: Sequence[StageRequest], one: Resources, run_id: str) -> BatchRequest:
    """Put requests together.

    Args:
        requests: at least one, of one stage and engine.
        one: what each of them asks for.
        run_id: of the run that has them made.
    """
    first = requests[0]
    prints = [request.fingerprint for request in requests]
    folder = f"runs/{run_id}/batch"
    return BatchRequest(
        stage=first.stage,
        engine=first.engine,
        fingerprint=fingerprint(first.stage, first.engine, {"requests": prints}, {}, 0),
        output_key=folder,
        attempt_key=f"{folder}/{uuid.uuid4().hex}",
        asked_by=AskedBy(run_id=run_id),
        requests=tuple(requests),
        one=one,
    )
