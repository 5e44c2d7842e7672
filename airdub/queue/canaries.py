"""Whether a plan that is tried on some titles may be used for all of them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from airdub.queue.documents import RequestState

_UNDECIDED = (
    RequestState.WAITING,
    RequestState.CLAIMED,
    RequestState.RUNNING,
    RequestState.IN_REVIEW,
)
_WENT_WRONG = (RequestState.FAILED, RequestState.REFUSED, RequestState.QUARANTINED)


class Outlook(StrEnum):
    """What the canaries of a plan say."""

    WAIT = "wait"
    OPEN = "open"
    STOP = "stop"


def outlook(counts: Mapping[RequestState, int]) -> Outlook:
    """What follows from how many requests of a plan are in each state.

    One that fails, is refused (a re-delivery that scores below the current release is) or ends in
    quarantine stops the plan at once; a person's answer is waited for.
    """
    if any(counts.get(state, 0) for state in _WENT_WRONG):
        return Outlook.STOP
    if any(counts.get(state, 0) for state in _UNDECIDED):
        return Outlook.WAIT
    return Outlook.OPEN if counts.get(RequestState.PUBLISHED, 0) else Outlook.WAIT
