"""Draining the queue: settle what has ended, claim what is next, start its runs.

What the catalogue says is what counts; Airflow is only asked for the state of runs that it doesn't
say everything about. All of it may be done again at any time.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator

from airdub.artifacts import ArtifactStore
from airdub.catalog import Catalog, open_catalog
from airdub.catalog.session import now
from airdub.errors import Conflict
from airdub.queue.canaries import Outlook, outlook
from airdub.queue.documents import Request
from airdub.queue.pausing import trouble
from airdub.queue.runs import last_run
from airdub.queue.settling import ENDED, GONE, settled
from airdub.settings import load_settings
from operators.runs import DubRuns

if TYPE_CHECKING:
    from airflow.sdk import Context


_RECENT = timedelta(hours=24)
_MANY = 1000


class ReconcileOperator(BaseOperator):
    """Brings every request that has a run up to date with it, plans that are tried, and pauses.

    Its XCom are the ids of runs that were lost and are to be started again.

    Args:
        dub_dag_id: DAG that makes dubs.
    """

    ui_color = "#e0e7ff"

    def __init__(self, *, dub_dag_id: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.dub_dag_id = dub_dag_id

    def execute(self, context: Context) -> list[str]:
        """Settle what has ended; tell what was lost."""
        settings = load_settings()
        runs = DubRuns(context["ti"], self.dub_dag_id, ArtifactStore(settings.store_url))
        with open_catalog(settings.catalog_url) as catalog:
            lost = []
            for request in catalog.unsettled(most=_MANY):
                if run_id := self._settle(catalog, runs, request):
                    self.log.warning("%s is lost; it is started again", run_id)
                    lost.append(run_id)
            self._end_rollouts(catalog)
            self._pause(catalog, settings.pause_percent)
        return lost

    def _settle(self, catalog: Catalog, runs: DubRuns, request: Request) -> str:
        """Settle a request; the id of its run if that is lost, else ""."""
        last = last_run(catalog, request.run_id)
        state = GONE if last.is_decided else runs.state(last.run_id)
        failure = runs.failure(last.run_id) if state == "failed" else None
        found = settled(last, state, failure)
        if found is None:
            about_to = last.repairs and runs.state(last.repairs) not in (GONE, *ENDED)
            return "" if about_to else last.run_id  # the run that is repaired starts the repair
        if found.state is request.state:
            return ""
        words = {"reason": found.reason, "note": found.note}
        try:
            catalog.settle(request.request_id, found.state, was=request.state, **words)
        except Conflict as overtaken:
            self.log.info("%s", overtaken)
        else:
            said = f" ({found.reason}: {found.note})" if found.note else ""
            self.log.info("%s: %s -> %s%s", last.run_id, request.state, found.state, said)
        return ""

    def _end_rollouts(self, catalog: Catalog) -> None:
        """Open plans whose canaries went well; stop those that went wrong."""
        for rollout in catalog.rollouts("trying"):
            if count := catalog.replace_canaries(rollout.plan_digest):
                self.log.info("Plan %s: %s more canaries", rollout.plan_digest[:12], count)
            view = outlook(catalog.plan_counts(rollout.plan_digest))
            if view is Outlook.OPEN:
                count = catalog.end_rollout(rollout.plan_digest, "open", was="trying")
                self.log.info("Plan %s is open: %s may go", rollout.plan_digest[:12], count)
            elif view is Outlook.STOP:
                note = "a canary was not published"
                catalog.end_rollout(rollout.plan_digest, "stopped", was="trying", note=note)
                self.log.warning("Plan %s is stopped: %s", rollout.plan_digest[:12], note)

    def _pause(self, catalog: Catalog, percent: int) -> None:
        """Stop claiming when too many dubs fail for one reason."""
        if catalog.open_pause():
            return
        resumed = max((pause.ended_at for pause in catalog.pauses(most=1)), default="")
        ends = catalog.recent_ends(max(now(_RECENT), resumed))
        if found := trouble(ends, share=percent / 100):
            note = f"{found.count} of the last {len(ends)} dubs: {found.share:.0%}"
            catalog.pause(found.reason, note)
            self.log.error("The queue is paused: %s, %s", found.reason, note)


class ClaimOperator(BaseOperator):
    """Takes the next requests from the queue, as many as may be active beyond those that are.

    Its XCom are the ids of the runs to start: those that were lost, then what was claimed.

    Args:
        lost: id of the task that found lost runs.
    """

    ui_color = "#e0e7ff"

    def __init__(self, *, lost: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.lost = lost

    def execute(self, context: Context) -> list[str]:
        """What is claimed and then lost with this task is found by the next reconciliation."""
        lost: list[str] = context["ti"].xcom_pull(task_ids=self.lost) or []
        settings = load_settings()
        soon = now(-timedelta(hours=settings.urgent_hours))
        with open_catalog(settings.catalog_url) as catalog:
            room = settings.active_dubs - catalog.active()
            claimed = catalog.claim(room, urgent_before=soon)
        self.log.info("%s claimed, %s lost before; room for %s", len(claimed), len(lost), room)
        return [*lost, *(request.run_id for request in claimed)][:_MANY]
