"""A source that changed is dubbed again into every language that it was wanted in."""

from __future__ import annotations

import logging

from airdub.catalog import Catalog
from airdub.catalog.session import now
from airdub.errors import InvalidInput
from airdub.languages import same_language
from airdub.library.documents import Title
from airdub.queue.documents import NEVER, Request, RequestState
from airdub.queue.selecting import Planner

log = logging.getLogger(__name__)


class Requeuer:
    """Asks for dubs of changed titles."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._planner = Planner()
        self._lane = f"library {now()[:10]}"

    def requeue(self, title_id: str) -> int:
        """Ask for a title's new version in its languages; within the transaction that records it.

        Of a language counts what was asked for last: by whom, its profile, its priority, and its
        deadline while that lies ahead. What was cancelled isn't wanted.

        Returns:
            How many dubs are new in the queue.
        """
        title = self._catalog.title(title_id)
        if title is None:
            return 0
        made = [self._made(title, one) for one in self._catalog.latest_requests(title_id)]
        return self._catalog.enqueue([one for one in made if one], self._lane)

    def _made(self, title: Title, wanted: Request) -> Request | None:
        own = same_language(title.source_language, wanted.language)
        if own or wanted.state is RequestState.CANCELLED:
            return None
        due = wanted.due if wanted.due > now() else NEVER
        try:
            return self._planner.request(
                title,
                wanted.language,
                wanted.profile,
                priority=wanted.priority,
                due=due,
                asked_by=wanted.asked_by,
            )
        except InvalidInput as error:  # its profile is gone: the scan goes on
            log.warning("%s is not asked for in %s: %s", title.title_id, wanted.language, error)
            return None
