"""Claiming: which requests are dubbed next. Each is claimed by one dispatcher, once."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from airdub.catalog.limits import CLOSED, Limits
from airdub.queue.documents import Request, RequestState
from airdub.queue.fairness import in_order, paged
from airdub.queue.quotas import Budget, Group

_UNDEFERRED = 2000
"""What a claim wakes at most of what waited for its rights or its day."""

_LOOKED_AT = 2000
"""What a claim looks at at most besides what it takes, so that it ends soon."""

_ROUNDS = 10
"""How often a claim looks at so many until it finds something that its rights allow."""

_LEAST_PAGE = 16


@dataclass
class _Chosen:
    """What becomes of the requests that a claim has looked at."""

    claimed: list[Request] = field(default_factory=list)
    refused: list[Request] = field(default_factory=list)
    deferred: list[tuple[Request, str]] = field(default_factory=list)

    @property
    def looked_at(self) -> int:
        return len(self.claimed) + len(self.refused) + len(self.deferred)


class Claims(Limits):
    """What a dispatcher takes from the queue."""

    def claim(self, most: int, *, now: str | None = None, urgent_before: str = "") -> list[Request]:
        """Take the next requests, in the queue's order; they are `claimed` from then on.

        None while the queue is paused, and none of a title that has a run in that language: what
        is wanted now is judged after what was wanted before. What a quota (day of `now`) or a
        rights window doesn't allow yet waits on, and holds nothing else back; what no rights window
        will allow any more is refused. Two who claim at once get different ones.

        Args:
            now: for tests.
            urgent_before: what is due before then goes first, the earliest due at the head.
        """
        time = now or self._clock()
        for _ in range(_ROUNDS):
            chosen = self._claim(most, time, urgent_before)
            if chosen.claimed or not chosen.looked_at:
                break
        taken = {"state": RequestState.CLAIMED, "claimed_at": time, "changed_at": time}
        return [
            one.model_copy(update={**taken, "reason": "", "note": ""}) for one in chosen.claimed
        ]

    def _claim(self, most: int, time: str, urgent_before: str) -> _Chosen:
        """Look at some, and write down what becomes of them."""
        with self.transaction():
            if most < 1 or self._run("open_pause"):
                return _Chosen()
            self._run("undefer_requests", now=time, most=_UNDEFERRED)
            budget = self.budget(time)
            groups = [group for group in self._groups() if budget.admits(group)]
            page = max(_LEAST_PAGE, most // max(len(groups), 1))
            urgent = [self._urgent(group, budget, urgent_before, page) for group in groups]
            ready = [self._ready(group, budget, page) for group in groups]
            chosen = self._choose(in_order(urgent, ready), most, budget, time)
            self._mark(chosen, time, urgent_before)
            return chosen

    def upcoming(self, *, urgent_before: str = "", page: int = 100) -> Iterator[Request]:
        """What waits, in the queue's order, read page by page as it is asked for.

        Nothing is taken, and pauses, quotas and rights windows hold nothing back here.

        Args:
            urgent_before: see `claim`.
        """
        groups, unlimited = list(self._groups()), Budget(())
        urgent = [self._urgent(group, unlimited, urgent_before, page) for group in groups]
        return in_order(urgent, [self._ready(group, unlimited, page) for group in groups])

    def active(self) -> int:
        """How many requests have a run now, or are about to."""
        count: int = self._run("count_active")
        return count

    def _groups(self) -> Iterator[Group]:
        """Languages and profiles that something waits for."""
        group = {"language": "", "profile": ""}
        while group := self._run("next_group", **group):
            yield group["language"], group["profile"]

    def _urgent(self, group: Group, budget: Budget, before: str, page: int) -> Iterator[Request]:
        def pages(last: Request | None) -> list[Request]:
            return self._page(
                "next_due",
                group,
                due_before=before,
                due=last.due if last else "",
                request_id=last.request_id if last else "",
                most=page,
            )

        return paged(pages, partial(budget.admits, group))

    def _ready(self, group: Group, budget: Budget, page: int) -> Iterator[Request]:
        def pages(last: Request | None) -> list[Request]:
            return self._page(
                "next_ready",
                group,
                priority=last.priority if last else 101,
                turn=last.turn if last else 0,
                request_id=last.request_id if last else "",
                most=page,
            )

        return paged(pages, partial(budget.admits, group))

    def _page(self, query: str, group: Group, **values: Any) -> list[Request]:
        language, profile = group
        rows = self._run(query, language=language, profile=profile, **values)
        return [Request.model_validate(row) for row in rows]

    def _choose(self, requests: Iterator[Request], most: int, budget: Budget, time: str) -> _Chosen:
        opening = self._opening(time)
        chosen = _Chosen()
        for request in requests:
            group = (request.language, request.profile)
            if not budget.admits(group):
                continue
            match opening(request):
                case "":
                    chosen.claimed.append(request)
                    budget.take(group)
                case "9999":
                    chosen.refused.append(request)
                case opens_at:
                    chosen.deferred.append((request, opens_at))
            if len(chosen.claimed) == most or chosen.looked_at == most + _LOOKED_AT:
                break
        return chosen

    def _opening(self, time: str) -> Callable[[Request], str]:
        """When a request's rights allow it; asks nothing where there are no windows at all."""
        if not self._run("has_rights_windows"):
            return lambda _: ""
        return lambda one: self.rights_opening(one.title_id, one.language, time)

    def _mark(self, chosen: _Chosen, time: str, urgent_before: str) -> None:
        """Write down what becomes of the requests, and how far the queue is."""
        self._run("mark_claimed", ids=ids(one.request_id for one in chosen.claimed), now=time)
        closed = {"reason": CLOSED, "note": "no rights window for it will open again"}
        self._run_many("mark_refused", [{**_of(one, time), **closed} for one in chosen.refused])
        self._run_many(
            "defer_requests",
            [
                {**_of(one, time), "not_before": opens_at, "reason": CLOSED}
                for one, opens_at in chosen.deferred
            ],
        )
        reached: dict[int, int] = defaultdict(int)
        for one in chosen.claimed:
            if one.due >= urgent_before:
                reached[one.priority] = max(reached[one.priority], one.turn)
        for priority, turn in sorted(reached.items()):
            self._run("reach_turn", priority=priority, turn=turn)


def ids(names: Iterable[str]) -> str:
    """Ids as a JSON object's names: a statement that takes them is one for all."""
    return json.dumps(dict.fromkeys(names))


def _of(request: Request, time: str) -> dict[str, str]:
    return {"request_id": request.request_id, "now": time}
