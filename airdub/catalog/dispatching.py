"""What a dispatcher looks at: requests of which something may have become."""

from __future__ import annotations

from datetime import timedelta

from airdub.catalog.session import Session, now
from airdub.queue.documents import Request

_MENDED_WITHIN = timedelta(days=30)
_MANY = 1000


class Dispatching(Session):
    """Reconciliation with runs, verdicts and people's decisions."""

    def unsettled(self, *, most: int = _MANY) -> list[Request]:
        """Requests with a run, those whose review was closed, and those that failed or were
        refused and were published after all; at most `most` of each.
        """
        since = now(_MENDED_WITHIN)
        rows = [
            *self._run("active_requests", most=most),
            *self._run("decided_requests", most=most),
            *self._run("mended_requests", since=since, most=most),
        ]
        return [Request.model_validate(row) for row in rows]
