"""Plans that are tried on some titles first, and whether they may then be used for all of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING

from airdub.queue.documents import Request, RequestState, Rollout

if TYPE_CHECKING:
    from airdub.catalog import Catalog

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


def tried(catalog: Catalog, requests: Iterable[Request], canaries: int) -> Iterator[Request]:
    """The requests; for each plan that is new to the queue a rollout is begun before its first.

    None for a plan by which nothing can be dubbed.
    """
    known: set[str] = set()
    for request in requests:
        digest, refused = request.plan_digest, request.state is RequestState.REFUSED
        if not refused and digest not in known and not catalog.plan_counts(digest):
            catalog.begin_rollout(
                Rollout(
                    plan_digest=digest,
                    profile=request.profile,
                    language=request.language,
                    canaries=canaries,
                )
            )
        known.add(digest)
        yield request
