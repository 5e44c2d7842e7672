"""What a dispatcher looks at: requests of which something may have become."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from airdub.catalog.session import Session, now
from airdub.queue.documents import Request

_MENDED_WITHIN = timedelta(days=30)
_MANY = 1000


class Dispatching(Session):
    """Reconciliation with runs, verdicts and people's decisions."""

    def unsettled(self, *, most: int = _MANY) -> list[Request]:
        """Requests with a run, those whose review was closed, and those that failed or were
        refused and were published after all; at most `most` of the first and the last.
        """
        since = now(_MENDED_WITHIN)
        rows = [
            *self._run("active_requests", most=most),
            *self._decided(most),
            *self._run("mended_requests", since=since, most=most),
        ]
        return [Request.model_validate(row) for row in rows]

    def _decided(self, page: int) -> Iterator[dict[str, Any]]:
        """All of them: of some nothing comes for long, and those keep no others from being seen."""
        after = {"after_title": "", "after_language": "", "after_id": ""}
        while rows := self._run("decided_requests", **after, most=page):
            yield from rows
            last = rows[-1]
            after = {
                "after_title": last["title_id"],
                "after_language": last["language"],
                "after_id": last["request_id"],
            }
