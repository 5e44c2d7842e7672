"""Several requests in one process: a model is loaded once, and each request stands for itself."""

from __future__ import annotations

import hashlib
import logging
import time
import uuid
from dataclasses import dataclass, field

from airdub.artifacts import ArtifactRef, ArtifactStore
from airdub.batches import BatchOutcome, BatchRequest
from airdub.errors import AirdubError, InvalidInput
from airdub.leases import Lease
from airdub.requests import StageRequest, StageResult
from model_images.runner.environment import refuse_other_versions
from model_images.runner.failures import typed
from model_images.runner.reporting import Progress
from model_images.runner.running import (
    complete,
    complete_unless_taken,
    peak_memory_mb,
    provenance,
    read_request,
    refuse_other_work,
)
from model_images.runner.stopping import stopped

log = logging.getLogger("airdub")


def make_batch(store: ArtifactStore, *, stage: str, key: str) -> tuple[str, bool]:
    """Make what the batch of that key asks for; see `running.Make`."""
    batch = read_request(store, key, BatchRequest)
    refuse_other_versions(stage, batch.engine, key)
    return batch.result_key, complete(store, batch, attempt_batch)


@dataclass
class _Outcome:
    """What became of requests, by fingerprint."""

    done: dict[str, ArtifactRef] = field(default_factory=dict)
    failed: dict[str, AirdubError] = field(default_factory=dict)
    taken: list[str] = field(default_factory=list)
    adopted: list[str] = field(default_factory=list)

    def told(self) -> BatchOutcome:
        """All but what was made."""
        failed = {name: f"{type(why).__name__}: {why}" for name, why in self.failed.items()}
        return BatchOutcome(failed=failed, taken=tuple(self.taken), adopted=tuple(self.adopted))


def attempt_batch(store: ArtifactStore, batch: BatchRequest) -> StageResult:
    """Make the batch's requests, one after the other; a failed one doesn't fail the others.

    What somebody else is making is left to him. What a process has died of comes last: should this
    one die of it too, all others are done.

    Raises:
        AirdubError: none could be made: why the first one couldn't; or the process was stopped.
    """
    began = time.monotonic()
    outcome, progress = _Outcome(), Progress()
    order = sorted(batch.requests, key=lambda one: Lease(store, one.output_key).is_abandoned())
    for number, request in enumerate(order, 1):
        _make(store, batch, request, outcome)
        progress(number, len(order), "requests")
    if outcome.failed and not outcome.done:
        raise next(iter(outcome.failed.values()))
    return StageResult(
        stage=batch.stage,
        fingerprint=batch.fingerprint,
        outputs={f"result/{name}": ref for name, ref in outcome.done.items()},
        measurements=outcome.told().model_dump(mode="json"),
        provenance=provenance(batch),
        n_scored=len(outcome.done),
        n_skipped=len(outcome.failed) + len(outcome.taken),
        wall_s=round(time.monotonic() - began, 3),
        peak_memory_mb=peak_memory_mb(),
    )


def _make(
    store: ArtifactStore, batch: BatchRequest, request: StageRequest, outcome: _Outcome
) -> None:
    """Make one of a batch's requests, and note what became of it."""
    name = request.fingerprint
    what = f"{request.asked_by.title_id} in {request.asked_by.language}"
    log.info("%s: %s", what, request.output_key)
    try:
        adopted = complete_unless_taken(store, _own_attempt(batch, request))
        if adopted is None:
            log.info("%s: somebody else is making it", what)
            outcome.taken.append(name)
            return
        outcome.done[name] = _ref(store, request.result_key)
        if adopted:
            outcome.adopted.append(name)
    except Exception as error:  # noqa: BLE001 - typed below; the next request is another matter
        outcome.failed[name] = typed(error)
        log.error("%s: %s: %s", what, type(outcome.failed[name]).__name__, outcome.failed[name])
    if stopped.is_set():
        raise outcome.failed.get(name) or typed(KeyboardInterrupt())


def _own_attempt(batch: BatchRequest, request: StageRequest) -> StageRequest:
    """The request as an attempt of this process: another one may have the same batch.

    Raises:
        InvalidInput: it is no request of the batch's stage and engine.
    """
    refuse_other_work(request, batch.stage, batch.request_key)
    if request.engine != batch.engine:
        raise InvalidInput("the request is for another engine", where=batch.request_key)
    return request.model_copy(update={"attempt_key": f"{request.output_key}/{uuid.uuid4().hex}"})


def _ref(store: ArtifactStore, key: str) -> ArtifactRef:
    data = store.read(key)
    digest = hashlib.sha256(data).hexdigest()
    return ArtifactRef(key=key, sha256=digest, bytes=len(data), media_type="application/json")
