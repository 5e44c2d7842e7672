"""Which dubs are wanted: titles and standing orders in, requests out. Pure.

A request of the current version and plan that was made before has the same id: enqueueing it again
changes nothing. So an upgrade re-dubs exactly those titles whose plan it changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase

from airdub.languages import language_name, same_language
from airdub.library.beside import present_inputs
from airdub.library.documents import Title
from airdub.profiles import load_profile
from airdub.queue.documents import (
    NEVER,
    PRIORITY,
    AskedBy,
    Request,
    RequestState,
    StandingOrder,
    new_request,
)
from airdub.queue.plans import plan_digest, unserved_stages

UNSERVED = "no_engine"
"""Reason of a request that is refused because no engine of its profile can make the dub."""

_Kind = tuple[str, str, str, str]


class Planner:
    """Makes requests of titles; titles of one kind share a plan, which is made once."""

    def __init__(self) -> None:
        self._plans: dict[_Kind, tuple[str, tuple[str, ...]]] = {}

    def request(
        self,
        title: Title,
        language: str,
        profile: str,
        *,
        priority: int = PRIORITY,
        due: str = NEVER,
        asked_by: AskedBy = AskedBy.PERSON,
    ) -> Request:
        """The request for a title as it is now, by the plan of now.

        Where a stage has no engine for it, it is made as one that is refused: no run is started,
        and an engine that is added later makes another plan.

        Raises:
            InvalidInput: there is no such profile or language.
        """
        digest, unserved = self._plan(title, language, profile)
        request = new_request(
            title.title_id,
            language,
            title.version,
            digest,
            profile=profile,
            priority=priority,
            due=due,
            asked_by=asked_by,
        )
        if not unserved:
            return request
        names = f"from {language_name(title.source_language)} to {language_name(language)}"
        note = f"{profile} has no engine to {', '.join(unserved)} {names}".replace("_", " ")
        refused = {"state": RequestState.REFUSED, "reason": UNSERVED, "note": note}
        return request.model_copy(update=refused)

    def _plan(self, title: Title, language: str, profile: str) -> tuple[str, tuple[str, ...]]:
        kind = (profile, title.source_language, language, title.beside)
        if kind not in self._plans:
            present = present_inputs(title.beside, title.source_language, language)
            of = (load_profile(profile), title.source_language, language, present)
            self._plans[kind] = plan_digest(*of), unserved_stages(*of)
        return self._plans[kind]


def planned_anew(request: Request, title: Title) -> Request:
    """What is wanted by a request, by the plan of now.

    Raises:
        InvalidInput: its profile or language is gone.
    """
    return Planner().request(
        title,
        request.language,
        request.profile,
        priority=request.priority,
        due=request.due,
        asked_by=request.asked_by,
    )


def ordered_requests(
    titles: Iterable[Title],
    orders: Iterable[StandingOrder],
    asked_by: AskedBy = AskedBy.ORDER,
) -> Iterator[Request]:
    """What standing orders want of titles, each title once in each language.

    Nothing is dubbed into its own language, and nothing that is missing. Of several orders for a
    language the one with the highest priority counts, then the one placed first.
    """
    ranked = sorted(orders, key=lambda one: (-one.priority, one.ordered_at, one.order_id))
    planner = Planner()
    for title in titles:
        chosen: dict[str, StandingOrder] = {}
        for order in ranked:
            if wants(order, title):
                chosen.setdefault(order.language, order)
        for language, order in sorted(chosen.items()):
            yield planner.request(
                title,
                language,
                order.profile,
                priority=order.priority,
                due=_due(title, order),
                asked_by=asked_by,
            )


def wants(order: StandingOrder, title: Title) -> bool:
    """Whether an order is about a title."""
    return (
        not order.ended_at
        and not title.missing_since
        and order.series_id in ("", title.series_id)
        and fnmatchcase(title.title_id, order.titles.lower().replace("[", "[[]"))
        and not same_language(title.source_language, order.language)
    )


def _due(title: Title, order: StandingOrder) -> str:
    if order.deadline_hours is None:
        return NEVER
    due = datetime.fromisoformat(title.ingested_at) + timedelta(hours=order.deadline_hours)
    return due.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
