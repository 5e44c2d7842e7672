"""Enqueueing what is wanted of the titles of an interval of time."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import chain
from typing import TYPE_CHECKING, Any, TypedDict

from airflow.sdk import BaseOperator

from airdub.catalog import open_catalog
from airdub.catalog.session import stamp
from airdub.errors import InvalidInput
from airdub.queue.canaries import tried
from airdub.queue.documents import AskedBy
from airdub.queue.selecting import ordered_requests
from airdub.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from airflow.sdk import Context

    from airdub.queue.documents import Request, StandingOrder

_OVERLAP = timedelta(hours=1)
"""A scan may commit a title's row a little later than it says: the next interval looks back for
what nobody has asked for. A backfill doesn't: it is about its days alone."""


class Enqueued(TypedDict):
    """What an interval has brought: its lane in the queue, and how many requests are new in it."""

    lane: str
    new: int


class EnqueueOperator(BaseOperator):
    """Puts into the queue what standing orders want of the titles ingested in the run's interval.

    Params of the run: `profile`, in place of the orders' own, whereby a person asks; `canaries`,
    how many titles a plan that is new to the queue is tried on first.
    """

    ui_color = "#e0e7ff"

    def execute(self, context: Context) -> Enqueued:
        """Select, enqueue; what is in the queue already stays as it is."""
        start, end = _interval(context)
        params: Any = context["params"]
        lane = f"dub_catalog {start:%Y-%m-%dT%H:%MZ}"
        with open_catalog(load_settings().catalog_url) as catalog:
            profile: str | None = params.get("profile")
            orders = [_by(order, profile) for order in catalog.standing_orders()]
            asked_by = AskedBy.PERSON if profile else AskedBy.ORDER
            titles = catalog.titles_ingested(stamp(start), stamp(end))
            if context["dag_run"].run_type == "scheduled":
                before, until = stamp(start - _OVERLAP), stamp(start)
                titles = chain(catalog.titles_ingested(before, until, unasked=True), titles)
            requests: Iterable[Request] = ordered_requests(titles, orders, asked_by)
            if canaries := int(params.get("canaries") or 0):
                requests = tried(catalog, requests, canaries)
            new = catalog.enqueue(requests, lane)
        self.log.info("%s: %s standing orders, %s new requests", lane, len(orders), new)
        return Enqueued(lane=lane, new=new)


def _by(order: StandingOrder, profile: str | None) -> StandingOrder:
    return order.model_copy(update={"profile": profile}) if profile else order


def _interval(context: Context) -> tuple[datetime, datetime]:
    start, end = context.get("data_interval_start"), context.get("data_interval_end")
    if start is None or end is None or start >= end:
        raise InvalidInput(
            "the run has no interval of time",
            where=str(context["run_id"]),
            remedy="backfill the days that you mean: airflow backfill create --dag-id dub_catalog",
        )
    return start, end
