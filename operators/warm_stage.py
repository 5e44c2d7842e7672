"""Warming a stage: one process makes results for titles that wait, and loads the model once.

Whatever becomes of it, a title's own run finds what was made, and makes the rest.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, TypedDict

from airflow.sdk.exceptions import AirflowSkipException

from airdub.artifacts import ArtifactStore
from airdub.batches import BatchOutcome, BatchRequest, build_batch
from airdub.catalog import open_catalog
from airdub.errors import PolicyRefused
from airdub.requests import Provenance, StageRequest, StageResult
from airdub.results import read_result
from airdub.settings import Settings, load_settings
from operators.consents import Trace, throw_away_revoked
from operators.stage_spark import StageSparkOperator
from operators.stage_work import StageWork, Work
from operators.telemetry import count_stage
from operators.warm_choice import Chosen
from operators.warming.allowing import check_still_allowed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow.sdk import Context


class Warmed(TypedDict):
    """XCom of the making: what became of the batch's requests."""

    made: int
    adopted: int
    failed: int
    in_work: int
    refused: int


class WarmWork(StageWork):
    """What every runtime does about a batch; beside the runtime's own operator of a stage.

    Its XCom is a `Warmed`. It fails where nothing could be made, or where its process, or what that
    runs on, came to an end: a retry goes on with what is left.

    Attributes:
        chosen: id of the task that chose the requests.
    """

    chosen: str

    def _refer(self, context: Context, event: Mapping[str, Any]) -> Warmed:  # type: ignore[override]
        settings = load_settings()
        store = ArtifactStore(settings.store_url)
        batch = self._batch(context, store)
        self.stage = batch.stage
        traces, refused = self._begin(settings, store, batch.requests)
        if refused:
            left = [one for one in batch.requests if one.fingerprint in traces]
            if not left:
                raise next(iter(refused.values()))
            batch = build_batch(left, batch.one, batch.asked_by.run_id)
        work = Work(context, settings, store, batch, batch.resources, event)
        try:
            result, cached = self._result(work)
        except Exception:
            _ended(traces)  # there may be no next try to look at them
            raise
        refused |= _ended(traces)
        return self._told(store, batch, result, refused, cached=cached)

    def _found(self, work: Work) -> StageResult | None:
        """The batch's own result; or one that says nothing, where each request has its own."""
        batch = work.request
        assert isinstance(batch, BatchRequest)  # noqa: S101 - see `_refer`
        found = super()._found(work)
        if found or not all(read_result(work.store, one) for one in batch.requests):
            return found
        return StageResult(
            stage=batch.stage,
            fingerprint=batch.fingerprint,
            outputs={},
            measurements=BatchOutcome().model_dump(mode="json"),
            provenance=Provenance(engine=batch.engine),
            wall_s=0,
        )

    def _batch(self, context: Context, store: ArtifactStore) -> BatchRequest:
        chosen: Chosen = context["ti"].xcom_pull(task_ids=self.chosen)
        if not chosen["batch_key"]:
            raise AirflowSkipException("nothing is ready")
        return BatchRequest.model_validate_json(store.read(chosen["batch_key"]))

    def _begin(
        self, settings: Settings, store: ArtifactStore, requests: tuple[StageRequest, ...]
    ) -> tuple[dict[str, Trace], dict[str, PolicyRefused]]:
        """Traces of what may be made, and why the others may not, by fingerprint."""
        traces, refused = {}, {}
        for request in requests:
            trace = Trace.of(settings, store, request)
            try:
                trace.begin()
                with open_catalog(settings.catalog_url) as catalog:
                    check_still_allowed(catalog, request)
            except PolicyRefused as error:
                throw_away_revoked(settings, store, request.output_key)  # it may be made already
                refused[request.fingerprint] = error
            else:
                traces[request.fingerprint] = trace
        return traces, refused

    def _told(
        self,
        store: ArtifactStore,
        batch: BatchRequest,
        result: StageResult,
        refused: Mapping[str, PolicyRefused],
        *,
        cached: bool,
    ) -> Warmed:
        """What became of each request; its own result counts, whatever the batch's says."""
        outcome = BatchOutcome.model_validate(result.measurements)
        tally = Counter[str](refused=len(refused))
        for request in batch.requests:
            name = request.fingerprint
            what = f"{request.asked_by.title_id} in {request.asked_by.language}"
            if name in refused:
                self.log.warning("%s: %s", what, refused[name])
            elif found := read_result(store, request):
                there = cached or name in outcome.adopted
                tally["adopted" if there else "made"] += 1
                count_stage(found, cached=there)
            elif why := outcome.failed.get(name):
                tally["failed"] += 1
                self.log.error("%s: %s", what, why)
            else:
                tally["in_work"] += 1
        if refused and len(refused) == tally.total():
            raise next(iter(refused.values()))
        self.log.info("%s", ", ".join(f"{name}: {count}" for name, count in tally.items()))
        return Warmed(
            made=tally["made"],
            adopted=tally["adopted"],
            failed=tally["failed"],
            in_work=tally["in_work"],
            refused=tally["refused"],
        )


def _ended(traces: Mapping[str, Trace]) -> dict[str, PolicyRefused]:
    """Why what was made is thrown away, by fingerprint."""
    refused = {}
    for name, trace in traces.items():
        try:
            trace.end()
        except PolicyRefused as error:
            refused[name] = error
    return refused


class WarmProcessOperator(WarmWork, StageSparkOperator):
    """Makes a batch by a local process.

    Args:
        chosen: id of the task that chose the requests.
    """

    ui_color = "#dbeafe"

    def __init__(self, *, chosen: str, **kwargs: Any) -> None:
        super().__init__(stage="", inputs={}, **kwargs)  # the batch says which stage
        self.chosen = chosen
