"""What every runtime does about a stage: ask for it, share it, and hand on its verified result."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from airdub.artifacts import ArtifactRef, ArtifactStore
from airdub.catalog import open_catalog
from airdub.continuity.voices import SPEAKING_STAGE, voiced
from airdub.engines import resolve_engine
from airdub.environments import read_environment
from airdub.errors import IncompleteResult
from airdub.orders import DubOrder, choose_engine
from airdub.profiles import load_profile
from airdub.repair import repair_parameters
from airdub.requests import AskedBy, StageRequest, StageResult, build_request
from airdub.settings import Settings, load_settings
from airdub.stages import STAGES, Resources
from operators.consents import StageConsents
from operators.references import ResultReference, Source, collect_inputs, pull_results
from operators.telemetry import count_stage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow.sdk import Context


@dataclass(frozen=True)
class Work:
    """One call of an operator.

    Attributes:
        event: what a trigger said when the task waited before; empty on the first call of a try.
        resources: what the stage asks of its machine under the order's profile.
    """

    context: Context
    settings: Settings
    store: ArtifactStore
    request: StageRequest
    resources: Resources
    event: Mapping[str, Any]


class StageWork:
    """Base of the operators that make sure that a stage's result is in the store.

    Its XCom is a `ResultReference`. A failure is raised as its `airdub.errors` class; what Airflow
    does with it is the business of `operators.failures`. A runtime says in `_result` how a result
    comes about.
    """

    stage: str
    inputs: Mapping[str, Source]

    if TYPE_CHECKING:  # of Airflow's BaseOperator, which stands beside this class
        log: Any
        defer: Any

    def execute(self, context: Context) -> ResultReference:
        """Ends when the result is verified; defers while somebody else is making it."""
        return self._refer(context, {})

    def resume(self, context: Context, event: dict[str, Any]) -> ResultReference:
        """After waiting for somebody else: his result is adopted, or made here after all."""
        self.log.info("Waited for another run: %s", event["reason"])
        return self._refer(context, {})

    def _refer(self, context: Context, event: Mapping[str, Any]) -> ResultReference:
        settings = load_settings()
        store = ArtifactStore(settings.store_url)
        request, consents, resources = self._request(context, store, settings)
        work = Work(context, settings, store, request, resources, event)
        with consents.traced(store, request):
            result, cached = self._result(work)
        consents.note(result)
        count_stage(result, cached=cached)
        for warning in result.warnings:
            self.log.warning("%s", warning)
        return ResultReference(
            result_key=request.result_key, fingerprint=request.fingerprint, cached=cached
        )

    def _result(self, work: Work) -> tuple[StageResult, bool]:
        """The verified result, and whether it was there before."""
        raise NotImplementedError

    def _request(
        self, context: Context, store: ArtifactStore, settings: Settings
    ) -> tuple[StageRequest, StageConsents, Resources]:
        """What is asked of the stage, under which consents it works, and what it may use."""
        order = DubOrder.parse(context["params"])
        spec = STAGES[self.stage]
        upstream = pull_results(context, store, (source.task_id for source in self.inputs.values()))
        results = {task_id: result for task_id, (_, result) in upstream.items()}
        inputs: dict[str, ArtifactRef] = collect_inputs(spec, dict(self.inputs), results)
        profile = load_profile(order.profile)
        rule = choose_engine(profile, order, self.stage, inputs)
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
        if self.stage == SPEAKING_STAGE:
            with open_catalog(settings.catalog_url) as catalog:
                request = voiced(catalog, store, order, request)
        return request, consents, profile.resources_of(self.stage)

    def _wait_for_other(self, work: Work) -> None:
        """Give the slot back until the other one is done or gone."""
        from operators.triggers import ResultTrigger

        self.log.info("Another run is making %s; waiting for it", work.request.output_key)
        self.defer(
            trigger=ResultTrigger(work.settings.store_url, work.request.output_key),
            method_name="resume",
            timeout=timedelta(seconds=work.resources.timeout_s),
        )

    def _incomplete(self, work: Work) -> IncompleteResult:
        return IncompleteResult(
            f"{self.stage} ended well, but its result can't be verified",
            where=work.request.result_key,
            remedy="nothing: it is tried again",
        )
