"""A stage as a local process: the embedded runtime's operator."""

from __future__ import annotations

import os
import uuid
from functools import partial
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator

from airdub.artifacts import ArtifactRef, ArtifactStore
from airdub.engines import resolve_engine
from airdub.environments import read_environment
from airdub.errors import IncompleteResult, TemporaryFailure
from airdub.leases import Lease
from airdub.orders import DubOrder, choose_engine
from airdub.profiles import load_profile
from airdub.repair import repair_parameters
from airdub.requests import AskedBy, StageRequest, StageResult, build_request
from airdub.results import read_result
from airdub.settings import PROJECT, Settings, load_settings
from airdub.stages import STAGES
from operators.consents import StageConsents
from operators.processes import StageProcess
from operators.references import ResultReference, Source, collect_inputs, pull_results
from operators.reports import StageReport
from operators.telemetry import count_stage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow.sdk import Context

_STOPPED = TemporaryFailure("the task was stopped from outside", remedy="clear the task")


class StageProcessOperator(BaseOperator):
    """Makes sure that a stage's result is in the store, by a process if it isn't there yet.

    Its XCom is a `ResultReference`. A failure is raised as its `airdub.errors` class; what Airflow
    does with it is the business of `operators.failures`.

    Args:
        stage: name of the stage.
        inputs: where each input port comes from.
    """

    ui_color = "#dbeafe"

    def __init__(self, *, stage: str, inputs: Mapping[str, Source], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.stage = stage
        self.inputs = dict(inputs)
        self._process: StageProcess | None = None
        self._stopped = False

    def execute(self, context: Context) -> ResultReference:
        """Ends when the result is verified; defers while somebody else is making it."""
        settings = load_settings()
        store = ArtifactStore(settings.store_url)
        request, consents = self._request(context, store, settings)
        with consents.traced(store, request):
            result, cached = self._result(store, request, settings)
        consents.note(result)
        count_stage(result, cached=cached)
        for warning in result.warnings:
            self.log.warning("%s", warning)
        return ResultReference(
            result_key=request.result_key, fingerprint=request.fingerprint, cached=cached
        )

    def _result(
        self, store: ArtifactStore, request: StageRequest, settings: Settings
    ) -> tuple[StageResult, bool]:
        """The verified result, and whether it was there before."""
        if result := read_result(store, request):
            self.log.info("Cached: %s; no process is started", request.result_key)
            return result, True
        with Lease(store, f"{request.output_key}/requests") as asking:
            # between the look above and this lease somebody may have finished: the runner looks too
            if not asking.acquire() or Lease(store, request.output_key).holder():
                self._wait_for_other(settings, request)
            self._run(store, request, settings)
        if result := read_result(store, request):
            return result, False
        raise IncompleteResult(
            f"{self.stage} ended well, but its result can't be verified",
            where=request.result_key,
            remedy="nothing: it is tried again",
        )

    def resume(self, context: Context, event: dict[str, Any]) -> ResultReference:
        """After waiting for somebody else: his result is adopted, or made here after all."""
        self.log.info("Waited for another run: %s", event["reason"])
        return self.execute(context)

    def on_kill(self) -> None:
        """Stop the stage and everything that it started."""
        self._stopped = True
        if self._process is not None:
            self.log.warning("Stopping %s", self.stage)
            self._process.stop()

    def _request(
        self, context: Context, store: ArtifactStore, settings: Settings
    ) -> tuple[StageRequest, StageConsents]:
        """What is asked of the stage, and under which consents it works."""
        order = DubOrder.parse(context["params"])
        spec = STAGES[self.stage]
        upstream = pull_results(context, store, (source.task_id for source in self.inputs.values()))
        results = {task_id: result for task_id, (_, result) in upstream.items()}
        inputs: dict[str, ArtifactRef] = collect_inputs(spec, self.inputs, results)
        rule = choose_engine(load_profile(order.profile), order, self.stage, inputs)
        environment = read_environment(settings)
        resolve = partial(resolve_engine, environment=environment)
        run_id = str(context["run_id"])
        consents = StageConsents(settings, order, run_id, self.stage, rule.engine)
        request = build_request(
            self.stage,
            resolve(self.stage, rule.engine),
            inputs,
            attempt_id=uuid.uuid4().hex,
            parameters={
                **rule.parameters,
                **order.language_parameters(spec.languages),
                **repair_parameters(self.stage, order.repair, resolve),
                **consents.parameters(),
            },
            asked_by=AskedBy(
                title_id=order.title_id,
                language=order.target_language,
                run_id=run_id,
                attempt=order.attempt,
            ),
        )
        return request, consents

    def _wait_for_other(self, settings: Settings, request: StageRequest) -> None:
        """Give the slot back until the other one is done or gone."""
        from datetime import timedelta

        from operators.triggers import ResultTrigger

        self.log.info("Another run is making %s; waiting for it", request.output_key)
        timeout_s = STAGES[self.stage].resources.timeout_s
        self.defer(
            trigger=ResultTrigger(settings.store_url, request.output_key),
            method_name="resume",
            timeout=timedelta(seconds=timeout_s),
        )

    def _run(self, store: ArtifactStore, request: StageRequest, settings: Settings) -> None:
        store.write(request.request_key, request.to_json())
        runner = [str(settings.stages_python), "-m", "model_images.runner"]
        report = StageReport(self.stage, self.log)
        self._process = StageProcess(
            [*runner, self.stage, "--request", request.request_key],
            stage_environment(settings),
            PROJECT,
        )
        exit_code = self._process.run(report.line)
        if exit_code != 0:
            error = _STOPPED if self._stopped else report.failure(exit_code)
            self.log.error("%s: %s", type(error).__name__, error)
            raise error


def stage_environment(settings: Settings) -> dict[str, str]:
    """Variables of a stage's process: ours, without Airflow's and the catalogue's secrets."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AIRFLOW", "_AIRFLOW", "__AIRFLOW", "AIRDUB_CATALOG", "PGPASS"))
    }
    return inherited | {"AIRDUB_STORE": settings.store_url}
