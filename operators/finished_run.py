"""The run that a gate judges, as its tasks left it in the store."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from airdub.drafts import RunSummary, summary_key
from airdub.errors import IncompleteResult
from airdub.gates import Verdict
from airdub.gates.table import Row
from airdub.judgements import DubRun, StageUse
from airdub.orders import DubOrder
from airdub.requests import StageResult
from operators.references import pull_results

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow.sdk import Context

    from airdub.artifacts import ArtifactStore
    from operators.references import ResultReference


class FinishedRun:
    """The run that is judged, as its tasks left it in the store."""

    def __init__(
        self, context: Context, store: ArtifactStore, stages: Sequence[str], draft: str
    ) -> None:
        self.order = DubOrder.parse(context["params"])
        self._store = store
        upstream: dict[str, tuple[ResultReference, StageResult]] = pull_results(
            context, store, stages
        )
        self._results = {result.stage: result for _, result in upstream.values()}
        self.uses = tuple(_use(*found) for found in upstream.values())
        reference = context["ti"].xcom_pull(task_ids=draft)
        if reference is None:
            raise IncompleteResult(
                "there is no draft to judge", where=draft, remedy=f"clear {draft}"
            )
        self.run = DubRun(
            run_id=str(context["run_id"]),
            title_id=self.order.title_id,
            source_language=self.order.source_language,
            language=self.order.target_language,
            source_sha256=self._results["ingest"].outputs["source"].sha256,
            profile=self.order.profile,
            attempt=self.order.attempt,
            parent_run_id=self.order.parent_run_id or None,
            manifest=reference["result_key"],
        )

    @property
    def evaluation(self) -> StageResult:
        """The result that holds the metrics."""
        return self._results["evaluate"]

    @property
    def present(self) -> tuple[str, ...]:
        """Names of the files that lay beside the source."""
        return tuple(self._results["ingest"].outputs)

    def rows(self) -> list[Row]:
        """The table's rows, as they are: what is wrong with one is for the judges to say.

        Raises:
            IncompleteResult: there is no table.
            InvalidInput: its bytes aren't those that were stored.
        """
        ref = self.evaluation.outputs.get("metrics")
        if ref is None:
            raise IncompleteResult("evaluate left no table of metrics", where="evaluate")
        with tempfile.TemporaryDirectory(prefix="airdub-gate-") as folder:
            content = self._store.fetch(ref, Path(folder)).read_bytes()
        try:
            rows = json.loads(content)["rows"]
        except (ValueError, TypeError, KeyError) as error:
            raise IncompleteResult(
                f"not a table of metrics: {error}", where=ref.key, remedy="clear evaluate"
            ) from error
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise IncompleteResult(
                "not a table of metrics: no list of rows", where=ref.key, remedy="clear evaluate"
            )
        return rows

    def summarise(self, verdict: Verdict) -> None:
        """Add the gate's part to the run's summary."""
        summary = RunSummary(
            manifest=self.run.manifest,
            cached={use.stage: use.cached for use in self.uses},
            decision=verdict.decision,
        )
        self._store.write(summary_key(self.run.run_id), summary.to_json())


def _use(reference: ResultReference, result: StageResult) -> StageUse:
    return StageUse(
        stage=result.stage,
        engine=result.provenance.engine.name,
        fingerprint=result.fingerprint,
        result_key=reference["result_key"],
        cached=reference["cached"],
        wall_s=result.wall_s,
        gpu_s=result.gpu_s,
    )
