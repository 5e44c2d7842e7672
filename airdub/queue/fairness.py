"""The order of the queue: what is due soon, then by priority, then in turns among lanes. Pure.

A lane is whoever enqueues: an interval of `dub_catalog`, a command. Turns are start-time fair
queueing: each lane counts its own requests on from where the queue is, so that a lane of ten
beside one of a million waits for about ten of the other's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from heapq import merge

from airdub.queue.documents import Request

Pages = Callable[[Request | None], list[Request]]
"""The requests of a language and profile that come after one, or the first ones: a page."""


def next_turn(reached: int | None, last_of_lane: int | None) -> int:
    """The turn of a lane's next request.

    Args:
        reached: the highest turn that was claimed at that priority.
        last_of_lane: the highest turn of the lane that still waits at that priority.
    """
    return max(reached or 0, last_of_lane or 0) + 1


def by_due(request: Request) -> tuple[str, int, str]:
    """Sorts what is due soon."""
    return request.due, -request.priority, request.request_id


def by_turn(request: Request) -> tuple[int, int, str]:
    """Sorts the rest."""
    return -request.priority, request.turn, request.request_id


def in_order(
    urgent: Iterable[Iterable[Request]], ready: Iterable[Iterable[Request]]
) -> Iterator[Request]:
    """Sorted requests of several languages and profiles in one order, each once.

    Args:
        urgent: what is due soon, each sorted by `by_due`.
        ready: everything, each sorted by `by_turn`.
    """
    seen = set()
    for request in merge(*urgent, key=by_due):
        seen.add(request.request_id)
        yield request
    for request in merge(*ready, key=by_turn):
        if request.request_id not in seen:
            yield request


def paged(pages: Pages, admits: Callable[[], bool]) -> Iterator[Request]:
    """All requests of a language and profile, page by page, while its quotas admit them."""
    last = None
    while admits() and (page := pages(last)):
        yield from page
        last = page[-1]
