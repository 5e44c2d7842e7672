"""How requests enter the queue: each once, in their lane's turns, and who gives way to whom."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from operator import itemgetter

from airdub.catalog.claims import Claims, ids
from airdub.catalog.entering import Gate, entering
from airdub.catalog.rollouts import Rollouts
from airdub.errors import InvalidInput
from airdub.queue.documents import ENDED, AskedBy, Request, RequestState
from airdub.queue.fairness import next_turn

_BATCH = 1000


class Enqueueing(Claims, Rollouts):
    """Putting requests into the queue; see `Claims` for how they are taken."""

    def enqueue(self, requests: Iterable[Request], lane: str) -> int:
        """Put requests into the queue, each once; in batches, so that a retry goes on.

        What is there already is left alone, unless it was superseded: then it waits again; or
        another version or plan was wanted since, and viewers don't see this one: then it is the
        next attempt. So a source or an engine that is taken back is dubbed as it was before. What
        waits for the same title and language with another version or plan is superseded. Of
        several for one title and language in a batch the last one counts. While a plan is tried,
        what goes beyond its canaries is held. One that is made as refused enters as that, and
        supersedes nothing.

        What no person asks for doesn't enter where a person has asked for the same version by
        another profile, unless that came to nothing; by the same profile it goes on as his.
        Those who enqueue at once do it batch by batch: each sees what the others want.

        Args:
            lane: who enqueues: lanes take turns.

        Returns:
            How many are new in the queue.

        Raises:
            InvalidInput: a title isn't registered.
        """
        left, new = iter(requests), 0
        while batch := {(one.title_id, one.language): one for one in islice(left, _BATCH)}:
            with self.transaction():
                self._database.hold_queue()
                new += self._enqueue(self._heeding_people(list(batch.values())), lane)
        return new

    def _heeding_people(self, batch: list[Request]) -> list[Request]:
        """Those that are in nobody's way."""
        by_rule = [one.title_id for one in batch if one.asked_by is not AskedBy.PERSON]
        if not by_rule:
            return batch
        rows = self._run("asked_by_people", titles=ids(by_rule))
        asked = {_about(Request.model_validate(row)): row["profile"] for row in rows}
        heeding = []
        for one in batch:
            profile = asked.get(_about(one))
            if profile is None or one.asked_by is AskedBy.PERSON:
                heeding.append(one)
            elif profile == one.profile:
                heeding.append(one.model_copy(update={"asked_by": AskedBy.PERSON}))
        return heeding

    def _enqueue(self, batch: list[Request], lane: str) -> int:
        time = self._clock()
        new = self._new_of(batch)
        turns = {one.priority: self._next_turn(lane, one.priority) for one in new}
        gate = Gate(self, (one.plan_digest for one in new))
        rows = []
        for one in new:
            placed = {"turn": turns[one.priority], "lane": lane, **gate.place(one)}
            turns[one.priority] += 1
            ended = {"ended_at": time if placed["state"] in ENDED else "", "now": time}
            rows.append({**one.model_dump(include=_INSERTED), **placed, **ended})
        # in one order, whoever enqueues: two who enqueue the same don't block each other for good
        count = self._run_many("insert_requests", sorted(rows, key=itemgetter("request_id")))
        same = {"title_id", "language", "version", "plan_digest"}
        made = (one for one in batch if one.state is not RequestState.REFUSED)
        others = [{**one.model_dump(include=same), "now": time} for one in made]
        others.sort(key=itemgetter("title_id", "language"))
        self._run_many("supersede_requests", others)
        by_people = ids(one.request_id for one in batch if one.asked_by is AskedBy.PERSON)
        self._run("mark_asked_by_people", ids=by_people)
        return count

    def _new_of(self, batch: list[Request]) -> list[Request]:
        """What enters the queue for them."""
        titles = self._run("known_titles", ids=ids(one.title_id for one in batch))
        known = {row["title_id"] for row in titles}
        if strange := [one.title_id for one in batch if one.title_id not in known]:
            raise InvalidInput(
                "the library has no such title",
                where=strange[0],
                remedy="register it with `airdub library scan`",
            )
        rows = self._run("enqueued", ids=ids(one.request_id for one in batch))
        there = {row["request_id"]: row for row in rows}
        found = (entering(one, there.get(one.request_id)) for one in batch)
        return [one for one in found if one]

    def _next_turn(self, lane: str, priority: int) -> int:
        reached = self._run("queue_turn", priority=priority)
        return next_turn(reached, self._run("last_turn_of_lane", lane=lane, priority=priority))


_INSERTED = {
    "request_id", "title_id", "language", "version", "plan_digest", "attempt", "profile",
    "priority", "due", "asked_by", "run_id",
}  # fmt: skip


def _about(request: Request) -> tuple[str, str, str]:
    return request.title_id, request.language, request.version
