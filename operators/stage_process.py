"""A stage as a local process: the embedded runtime's operator."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator

from airdub.engines import find_engine
from airdub.errors import TemporaryFailure
from airdub.leases import Lease
from airdub.requests import StageResult
from airdub.settings import PROJECT, Settings
from operators.processes import StageProcess
from operators.progress import TaskProgress
from operators.references import Source
from operators.reports import StageReport, too_late
from operators.stage_work import StageWork, Work

if TYPE_CHECKING:
    from collections.abc import Mapping

_STOPPED = TemporaryFailure("the task was stopped from outside", remedy="clear the task")


class StageProcessOperator(StageWork, BaseOperator):
    """Makes sure that a stage's result is in the store, by a process if it isn't there yet.

    See `StageWork` for what it returns and raises.

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

    def on_kill(self) -> None:
        """Stop the stage and everything that it started."""
        self._stopped = True
        if self._process is not None:
            self.log.warning("Stopping %s", self.stage)
            self._process.stop()

    def _result(self, work: Work) -> tuple[StageResult, bool]:
        store, request = work.store, work.request
        if result := self._found(work):
            self.log.info("Cached: %s; no process is started", request.result_key)
            return result, True
        with Lease(store, f"{request.output_key}/requests") as asking:
            # between the look above and this lease somebody may have finished: the runner looks too
            if not asking.acquire() or Lease(store, request.output_key).holder():
                self._wait_for_other(work)
            self._run(work)
        if result := self._found(work):
            return result, False
        raise self._incomplete(work)

    def _run(self, work: Work) -> None:
        work.store.write(work.request.request_key, work.request.to_json())
        spec = find_engine(work.request.stage, work.request.engine.name)
        python = work.settings.python_of(spec.environment)
        report = StageReport(self.stage, self.log)
        progress = TaskProgress(work.context["ti"].xcom_push, self.log)

        def hear(line: str) -> None:
            report.line(line)
            progress.tell(report.progress)

        self._process = StageProcess(
            [str(python), "-m", "model_images.runner", *work.request.arguments],
            self._environment(work),
            PROJECT,
        )
        try:
            exit_code = self._process.run(hear, work.resources.timeout_s)
        except TimeoutError:
            raise too_late(self.stage) from None
        if exit_code != 0:
            error = _STOPPED if self._stopped else report.failure(exit_code)
            self.log.error("%s: %s", type(error).__name__, error)
            raise error

    def _environment(self, work: Work) -> dict[str, str]:
        return stage_environment(work.settings)


def stage_environment(settings: Settings) -> dict[str, str]:
    """Variables of a stage's process: ours, without Airflow's and the catalogue's secrets."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AIRFLOW", "_AIRFLOW", "__AIRFLOW", "AIRDUB_CATALOG", "PGPASS"))
    }
    return inherited | {"AIRDUB_STORE": settings.store_url}
