"""What every runtime does about a stage: ask for it, share it, and hand on its verified result."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airdub.artifacts import ArtifactStore
from airdub.environments import read_environment
from airdub.errors import IncompleteResult
from airdub.orders import DubOrder
from airdub.requests import StageRequest, StageResult
from airdub.results import read_result
from airdub.settings import Settings, load_settings
from airdub.stages import Resources
from operators.consents import Trace
from operators.references import ResultReference, Source, pull_results
from operators.stage_requests import Asked, Asker
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
        asked = self._asked(context, store, settings)
        work = Work(context, settings, store, asked.request, asked.resources, event)
        with Trace.of(settings, store, asked.request):
            result, cached = self._result(work)
            if cached:  # sweeping sees by it that a run needs the work, judged or not
                store.write(work.request.adopted_key, work.request.to_json())
        asked.consents.note(result)
        count_stage(result, cached=cached)
        for warning in result.warnings:
            self.log.warning("%s", warning)
        return ResultReference(
            result_key=work.request.result_key, fingerprint=work.request.fingerprint, cached=cached
        )

    def _result(self, work: Work) -> tuple[StageResult, bool]:
        """The verified result, and whether it was there before."""
        raise NotImplementedError

    def _found(self, work: Work) -> StageResult | None:
        """The verified result, if it is there."""
        return read_result(work.store, work.request)

    def _asked(self, context: Context, store: ArtifactStore, settings: Settings) -> Asked:
        """What is asked of the stage."""
        order = DubOrder.parse(context["params"])
        upstream = pull_results(context, store, (source.task_id for source in self.inputs.values()))
        results = {task_id: result for task_id, (_, result) in upstream.items()}
        environment = read_environment(settings)
        asker = Asker(settings, store, order, str(context["run_id"]), environment)
        return asker.ask(self.stage, self.inputs, results)

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
