"""How requests enter the queue: at once, held, as another attempt, or not at all."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from airdub.catalog.rollouts import Rollouts
from airdub.queue.documents import ENDED, Request, RequestState, new_request

KEPT = {"title_id", "language", "version", "plan_digest", "profile", "priority", "due", "asked_by"}
"""What all attempts at a request have in common."""


class Gate:
    """Which requests of plans that are tried may go; within a transaction nobody else asks.

    Args:
        plans: of the requests. In one order, so that two gates don't block each other for good.
    """

    def __init__(self, rollouts: Rollouts, plans: Iterable[str]) -> None:
        self._left = {plan: rollouts.canaries_left(plan) for plan in sorted(set(plans))}

    def place(self, request: Request) -> dict[str, str]:
        """State and reason that the request enters the queue with."""
        if request.state is RequestState.REFUSED:
            return {"state": request.state, "reason": request.reason, "note": request.note}
        self._left[request.plan_digest] -= 1
        if self._left[request.plan_digest] >= 0:
            return {"state": RequestState.WAITING, "reason": "", "note": ""}
        note = "its plan is tried on other titles first"
        return {"state": RequestState.HELD, "reason": "rollout", "note": note}


def entering(asked: Request, last: dict[str, Any] | None) -> Request | None:
    """What enters the queue for a request; None: it is there.

    Args:
        last: what is known of the last attempt at it; None: there is none.
    """
    if last is None:
        return asked
    state = RequestState(last["state"])
    unseen = state is not RequestState.PUBLISHED or last["replaced"]
    if state is RequestState.SUPERSEDED:
        attempt = last["attempt"] + bool(last["claimed_at"])  # a run that was started is over
    elif state in ENDED and last["overtaken"] and unseen:
        attempt = last["attempt"] + 1
    else:
        return None
    again = new_request(**asked.model_dump(include=KEPT), attempt=attempt)
    words = asked.model_dump(include={"state", "reason", "note"})
    return again.model_copy(update=words)
