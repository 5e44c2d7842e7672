"""Published episodes dubbed again, so that they take over what their series keeps by now."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from airdub.queue.documents import Request, RequestState, new_request
from airdub.queue.selecting import Planner

if TYPE_CHECKING:
    from airdub.catalog import Catalog

_PAGE = 1000


def redone(
    catalog: Catalog, series_id: str, language: str = "", *, every: bool = False
) -> Iterator[Request]:
    """Requests for a series' episodes that the queue has published, by the plans of now.

    Args:
        language: of the dubs; "" any.
        every: all of them; else those in which a character has another voice than the one he keeps.
    """
    strays = {(one.title_id, one.language) for one in catalog.spoken_otherwise(series_id)}
    planner = Planner()
    for title_id in list(_episodes(catalog, series_id)):
        for latest in catalog.latest_requests(title_id):
            wanted = every or (title_id, latest.language) in strays
            if wanted and language in ("", latest.language):
                yield from _again(catalog, latest, planner)


def _again(catalog: Catalog, latest: Request, planner: Planner) -> Iterator[Request]:
    """The request after one that was published; none while another one is on its way."""
    title = catalog.title(latest.title_id)
    if latest.state is not RequestState.PUBLISHED or title is None or title.missing_since:
        return
    made = planner.request(title, latest.language, latest.profile, priority=latest.priority)
    if (made.version, made.plan_digest) == (latest.version, latest.plan_digest):
        made = new_request(
            made.title_id,
            made.language,
            made.version,
            made.plan_digest,
            profile=made.profile,
            priority=made.priority,
            attempt=latest.attempt + 1,
        )
    yield made


def _episodes(catalog: Catalog, series_id: str) -> Iterator[str]:
    after = ""
    while titles := catalog.titles(series=series_id, limit=_PAGE, after=after):
        yield from (title.title_id for title in titles)
        after = titles[-1].title_id
