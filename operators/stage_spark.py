"""A stage that is cut into chunks: its process is the driver of a Spark application."""

from __future__ import annotations

import json
from typing import Any

from airdub.spark import driver_environment
from airdub.stages import STAGES
from operators.stage_process import StageProcessOperator
from operators.stage_work import Work


class StageSparkOperator(StageProcessOperator):
    """Makes sure that a chunked stage's result is in the store, by Spark if it isn't there yet.

    The application ends with the stage's process, and that with this task, however it ends; so a
    retry finds no application to go on with, but every chunk that was made. Takes and does what
    `StageProcessOperator` takes and does.
    """

    ui_color = "#fef3c7"

    def _run(self, work: Work) -> None:
        if earlier := self._earlier(work):
            self.log.info(
                "An earlier try was Spark application %s on %s. It ended with its driver; "
                "the chunks that it made are used",
                earlier.get("id"),
                earlier.get("master"),
            )
        super()._run(work)

    def _earlier(self, work: Work) -> dict[str, Any]:
        """What the driver of an earlier try wrote down before its application began."""
        try:
            said = json.loads(work.store.read(work.request.application_key))
        except (FileNotFoundError, ValueError):
            return {}
        return said if isinstance(said, dict) else {}

    def _environment(self, work: Work) -> dict[str, str]:
        environment = super()._environment(work)
        if not STAGES[work.request.stage].chunked:  # a batch may be of any stage
            return environment
        return environment | driver_environment(work.settings.spark, work.resources)
