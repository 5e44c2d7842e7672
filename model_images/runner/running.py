"""Running one request to its committed result, or to a typed failure that leaves nothing behind."""

from __future__ import annotations

import logging
import os
import resource
import shutil
import tempfile
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from airdub.artifacts import ArtifactStore
from airdub.engines import find_engine
from airdub.errors import (
    IncompleteResult,
    InvalidInput,
)
from airdub.leases import Lease
from airdub.requests import Provenance, StageRequest, StageResult, fingerprint
from airdub.results import load_result, read_result
from model_images.runner.context import StageContext
from model_images.runner.environment import refuse_other_versions
from model_images.runner.failures import typed
from model_images.runner.reporting import JsonLineHandler, Progress, emit, emit_error
from model_images.runner.stopping import stop_on_term

AnyRequest = TypeVar("AnyRequest", bound=StageRequest)
Work = Callable[[ArtifactStore, AnyRequest], StageResult]

_WAIT_S = 0.5

Make = Callable[[ArtifactStore], tuple[str, bool]]
"""Makes sure of a result: its key, and whether somebody else had made it."""


def main(make: Make) -> int:
    """Make something and return the process's exit code (see `airdub.errors`)."""
    logging.basicConfig(level=logging.INFO, handlers=[JsonLineHandler()], force=True)
    stop_on_term()
    store = ArtifactStore(os.environ["AIRDUB_STORE"])
    try:
        key, adopted = make(store)
    except BaseException as error:  # noqa: BLE001 - whatever ends a stage becomes a typed exit code
        failure = typed(error)
        emit_error(failure)
        return failure.exit_code
    emit("result", key=key, adopted=adopted)
    return 0


def make_one(store: ArtifactStore, *, stage: str, key: str) -> tuple[str, bool]:
    """Make what the request of that key asks for; see `Make`."""
    request = load_request(store, stage, key)
    return request.result_key, complete(store, request)


def load_request(store: ArtifactStore, stage: str, key: str) -> StageRequest:
    """Read a request and make sure that it is meant for this stage and these versions.

    Raises:
        InvalidInput: it is absent, malformed, for another stage, contract or version.
    """
    request = read_request(store, key, StageRequest)
    refuse_other_work(request, stage, key)
    refuse_other_versions(stage, request.engine, key)
    return request


def read_request(store: ArtifactStore, key: str, model: type[AnyRequest]) -> AnyRequest:
    """A request as it was written.

    Raises:
        InvalidInput: it is absent or malformed.
    """
    try:
        return model.model_validate_json(store.read(key))
    except FileNotFoundError:
        raise InvalidInput("there is no such request", where=key) from None
    except ValidationError as error:
        raise InvalidInput(f"not a stage request: {error}", where=key) from error


def refuse_other_work(request: StageRequest, stage: str, key: str) -> None:
    """Make sure that a request is for a stage, and has the fingerprint of what it asks for.

    Raises:
        InvalidInput: it isn't, or hasn't.
    """
    expected = fingerprint(
        request.stage,
        request.engine,
        request.parameters,
        {name: ref.sha256 for name, ref in request.inputs.items()},
        request.seed,
    )
    if request.stage != stage or request.fingerprint != expected:
        raise InvalidInput(
            f"the request is for {request.stage!r} with fingerprint {request.fingerprint}, "
            f"not for {stage!r} with {expected}",
            where=key,
            remedy="build requests with airdub.requests.build_request of the same version",
        )


def complete(
    store: ArtifactStore, request: AnyRequest, work: Work[AnyRequest] | None = None
) -> bool:
    """Make sure that the request has its result. Returns whether somebody else had made it.

    Args:
        work: makes it; None: `attempt`.
    """
    with Lease(store, request.output_key) as lease:
        waited = False
        while read_result(store, request) is None:
            if lease.acquire():
                break
            if not waited:
                logging.getLogger("airdub").info("waiting for another run of the same request")
                waited = True
            time.sleep(_WAIT_S)
        return _complete(store, request, work or attempt)


def complete_unless_taken(store: ArtifactStore, request: StageRequest) -> bool | None:
    """As `complete`, but None at once where somebody else is making it."""
    with Lease(store, request.output_key) as lease:
        if read_result(store, request) is None and not lease.acquire():
            return None
        return _complete(store, request, attempt)


def _complete(store: ArtifactStore, request: AnyRequest, work: Work[AnyRequest]) -> bool:
    """Work under the request's lease, unless there is a result by now."""
    if read_result(store, request) is not None:
        store.delete(request.attempt_key)
        return True
    _remove_dead_attempts(store, request)
    try:
        result = work(store, request)
    except BaseException:
        store.delete(request.attempt_key)
        raise
    return not commit(store, request, result)


def attempt(store: ArtifactStore, request: StageRequest) -> StageResult:
    """Run the stage and store its outputs; nothing is visible until `commit`."""
    began = time.monotonic()
    with _work_folder(store, request) as work:
        context = StageContext(request, store, work, Progress())
        import_module(f"model_images.{request.stage}.stage").run(context)
        outputs = context.store_outputs()
    return StageResult(
        stage=request.stage,
        fingerprint=request.fingerprint,
        outputs=outputs,
        measurements=dict(sorted(context.measurements.items())),
        provenance=provenance(request),
        n_scored=context.n_scored,
        n_skipped=context.n_skipped,
        wall_s=round(time.monotonic() - began, 3),
        peak_memory_mb=peak_memory_mb(),
        warnings=tuple(context.warnings),
    )


def provenance(request: StageRequest) -> Provenance:
    """What makes a request's result here."""
    spec = find_engine(request.stage, request.engine.name)
    return Provenance(
        engine=request.engine,
        image=os.environ.get("AIRDUB_IMAGE", ""),
        licence=spec.licence,
        commercial_use=spec.commercial_use,
    )


def commit(store: ArtifactStore, request: StageRequest, result: StageResult) -> bool:
    """Create the result if it is absent; a loser drops his outputs and adopts the winner's.

    Returns:
        Whether this result is the one that counts.

    Raises:
        IncompleteResult: the winner's result can't be verified.
    """
    if store.create(request.result_key, result.to_json()):
        return True
    if read_result(store, request) is None:
        # outputs of the old result are gone (swept, or lost): this one takes its place
        store.write(request.result_key, result.to_json())
        return True
    store.delete(request.attempt_key)
    if read_result(store, request) is None:
        raise IncompleteResult("the committed result can't be verified", where=request.result_key)
    return False


def peak_memory_mb() -> float:
    """Peak resident size of this process plus that of the largest program it ran, in MB.

    An upper bound: the two peaks need not fall together, and may be those of an earlier request.
    """
    own, children = (
        resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return round((own + children) / 1024, 1)


class _work_folder:  # noqa: N801 - a context manager that reads as a function
    """The attempt's folder: inside a local store (outputs needn't be copied), else temporary."""

    def __init__(self, store: ArtifactStore, request: StageRequest) -> None:
        self._local = store.local_path(request.attempt_key) if store.is_local else None
        self._path = Path()

    def __enter__(self) -> Path:
        if self._local is None:
            self._path = Path(tempfile.mkdtemp(prefix="airdub-"))
        else:
            self._path = self._local
            self._path.mkdir(parents=True, exist_ok=True)
        return self._path

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._path / "scratch" if self._local else self._path, ignore_errors=True)


def _remove_dead_attempts(store: ArtifactStore, request: StageRequest) -> None:
    """Drop what killed attempts left: the lease says that no other attempt is alive.

    A lease can be lost (ADR 3), so what a committed result refers to is never touched.
    """
    folder = f"{request.output_key}/"
    attempts = {
        key.removeprefix(folder).split("/")[0]
        for key in store.list(request.output_key)
        if "/" in key.removeprefix(folder)
    }
    kept = {request.attempt_key.removeprefix(folder), "lease", "requests"}
    for name in attempts - kept:
        result = load_result(store, request.result_key)
        used = [ref.key for ref in result.outputs.values()] if result else []
        if not any(key.startswith(f"{folder}{name}/") for key in used):
            store.delete(f"{folder}{name}")
