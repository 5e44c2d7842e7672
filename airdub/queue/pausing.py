"""When the queue should stop by itself: too many fail for one reason. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from airdub.model import Document
from airdub.queue.documents import RequestState

_FAILED = (RequestState.FAILED, RequestState.REFUSED)


class End(Document):
    """How a request came to an end of itself, or to people: `in_review` since `ended_at`."""

    state: RequestState
    reason: str
    ended_at: str


class Trouble(Document):
    """What most of the recent failures have in common.

    Attributes:
        share: of the recent ends, 0..1.
    """

    reason: str
    count: int
    share: float


def trouble(ends: Sequence[End], *, share: float, at_least: int = 5) -> Trouble | None:
    """The reason for which too many requests failed, if there is one.

    Args:
        ends: the recent ones.
        share: of them (0..1) that may fail for one reason; what exceeds it is trouble.
        at_least: fewer failures of a reason are never.
    """
    failures = Counter(end.reason for end in ends if end.state in _FAILED)
    for reason, count in sorted(failures.items(), key=lambda one: (-one[1], one[0])):
        if count >= at_least and count > share * len(ends):
            return Trouble(reason=reason, count=count, share=count / len(ends))
    return None
