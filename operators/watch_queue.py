"""Looking at the queue every few minutes: numbers for telemetry, notices of what is late."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from airflow.sdk import BaseOperator

from airdub.catalog import Catalog, open_catalog
from airdub.catalog.session import now
from airdub.notices import OVERDUE, Notice, overdue_requests, paused_queue, stopped_plan
from airdub.settings import load_settings
from operators import notify, telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow.sdk import Context


class WatchQueueOperator(BaseOperator):
    """Sends how many requests are in each state, and for how long the oldest has waited.

    Tells of a pause and of a stopped plan once, and of requests that became overdue since it told
    of such last. Does nothing where neither telemetry nor a connection for notices is set up.
    """

    ui_color = "#e0e7ff"

    def execute(self, context: Context) -> None:
        """Look, send, tell."""
        settings = load_settings()
        with open_catalog(settings.catalog_url) as catalog:
            if telemetry.is_on():
                oldest = catalog.oldest_waiting()
                telemetry.gauge_queue(catalog.counts(), _age_s(oldest) if oldest else 0.0)
            if notify.is_on():
                for notice in _stops(catalog):
                    if not catalog.notice_told_at(notice.about):
                        notify.tell(notice)
                self._tell_overdue(catalog, timedelta(minutes=settings.notice_minutes))

    def _tell_overdue(self, catalog: Catalog, every: timedelta) -> None:
        since, until = catalog.notice_told_at(OVERDUE), now()
        if since > now(every):
            return
        count, first = catalog.overdue(since, until)
        if count:
            self.log.warning("%s requests are overdue since %s", count, since or "ever")
            notify.tell(overdue_requests(count, first), at=until)


def _stops(catalog: Catalog) -> Iterator[Notice]:
    """What stands still until a person lets it go on."""
    if pause := catalog.open_pause():
        yield paused_queue(pause.pause_id, pause.reason, pause.note)
    for rollout in catalog.rollouts("stopped"):
        yield stopped_plan(rollout)


def _age_s(time: str) -> float:
    return max(0.0, (datetime.now(UTC) - datetime.fromisoformat(time)).total_seconds())
