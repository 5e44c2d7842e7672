"""The queue of requests: enqueued once, moved from state to state, listed and counted."""

from __future__ import annotations

from typing import Any

from airdub.catalog.claims import ids
from airdub.catalog.enqueueing import Enqueueing
from airdub.catalog.entering import KEPT
from airdub.catalog.patterns import like_pattern
from airdub.catalog.session import now
from airdub.errors import Conflict, InvalidInput
from airdub.queue.documents import (
    ENDED,
    RETRIED,
    AskedBy,
    FailureCount,
    Request,
    RequestState,
    StateCount,
    new_request,
)
from airdub.queue.pausing import End

_MANY = 1000

_WAITING = (RequestState.HELD, RequestState.WAITING)


class Requests(Enqueueing):
    """Requests; see `Enqueueing` for how they come, and `Claims` for how they are taken."""

    def request(self, request_id: str) -> Request | None:
        """A request by its id."""
        return _request(self._run("find_request", request_id=request_id))

    def request_of_run(self, run_id: str) -> Request | None:
        """The request that a first run of `dub_video` (not a repair's) was started for."""
        return _request(self._run("find_request_of_run", run_id=run_id))

    def requests(
        self,
        *,
        state: RequestState | str | None = None,
        titles: str = "*",
        series: str = "",
        language: str = "",
        after: Request | None = None,
        most: int = _MANY,
    ) -> list[Request]:
        """Requests by title and language.

        Args:
            titles: pattern of title ids: `*` is any text, `?` any character.
            series, language: "" any.
            after: only what comes after it in this order: the last one of the page before.
        """
        page = {
            "after_title": after.title_id if after else "",
            "after_language": after.language if after else "",
            "after_id": after.request_id if after else "",
            "most": most,
        }
        query, about = _search(titles, series, RequestState(state) if state else "")
        rows = self._run(query, **about, language=language, **page)
        return [Request.model_validate(row) for row in rows]

    def counts(self) -> list[StateCount]:
        """How many requests are in each state, by language."""
        return [StateCount.model_validate(row) for row in self._run("count_requests")]

    def failure_reasons(self) -> list[FailureCount]:
        """Why requests didn't become dubs, the most frequent first."""
        return [FailureCount.model_validate(row) for row in self._run("count_failures")]

    def recent_ends(self, since: str, *, most: int = _MANY) -> list[End]:
        """How dubs that were started came to an end, or to people, since a time, the latest first.

        What a person cancelled, and what was refused before it was started, isn't among them.
        """
        rows = self._run("recent_ends", since=since, most=most)
        return [End.model_validate(row) for row in rows]

    def settle(
        self,
        request_id: str,
        state: RequestState | str,
        *,
        was: RequestState | str,
        reason: str = "",
        note: str = "",
    ) -> None:
        """Change a request's state if it is `was`; changing it again is fine.

        Args:
            state: `waiting` gives a claim back, as if it had never been; where another request
                for its title and language waits meanwhile, it is superseded.

        Raises:
            InvalidInput: there is no such request.
            Conflict: it is in another state.
        """
        wanted, time = RequestState(state), now()
        of: dict[str, Any] = {"request_id": request_id, "state": wanted, "was": RequestState(was)}
        of |= {"reason": reason, "note": note, "ended_at": time if wanted in ENDED else ""}
        with self.transaction():
            if wanted is RequestState.WAITING:
                self._database.hold_queue()
            if self._run("move_request", **of, now=time):
                if wanted is RequestState.WAITING:
                    self._run("give_way", request_id=request_id, now=time)
                return
            known = self._find_request(request_id)
        if known.state is not wanted:
            raise _taken(known, f"not {RequestState(was)}")

    def cancel(self, request_id: str, note: str = "") -> None:
        """Take a request that is held or waits out of the queue; cancelling it again is fine.

        Raises:
            InvalidInput: there is no such request.
            Conflict: its dub runs, or has ended.
        """
        with self.transaction():
            known = self._find_request(request_id)
            if known.state in _WAITING:
                state = RequestState.CANCELLED
                self.settle(request_id, state, was=known.state, reason="asked", note=note)
            elif known.state is not RequestState.CANCELLED:
                raise _taken(known, "neither held nor waiting")

    def set_priority(self, request_id: str, priority: int) -> None:
        """Give a request that is held or waits another priority, and its lane's next turn there.

        Args:
            priority: 0 to 100, highest first.

        Raises:
            InvalidInput: there is no such request, or no such priority.
            Conflict: its dub runs, or has ended.
        """
        if not 0 <= priority <= 100:
            raise InvalidInput(
                f"{priority} is no priority", where=request_id, remedy="use 0 to 100"
            )
        with self.transaction():
            known = self._find_request(request_id)
            if known.state not in _WAITING:
                raise _taken(known, "neither held nor waiting")
            turn = self._next_turn(known.lane, priority)
            of = {"request_id": request_id, "priority": priority}
            self._run("place_request", **of, turn=turn, now=now())

    def replan(self, claimed: Request, planned: Request) -> Request:
        """Let a request by the plan of now take the place of a claimed one by an older plan.

        It is claimed, unless its plan is tried on other titles first, no engine can make it, or it
        was there already and is something else. Where something else was asked for meanwhile, that
        stays, and the older one comes back as superseded.

        Raises:
            Conflict: the older one isn't in that state any more.
        """
        with self.transaction():
            self._database.hold_queue()
            waiting = RequestState.WAITING
            self.settle(claimed.request_id, waiting, was=claimed.state)
            (new,) = self._new_of([planned]) or [planned]
            older, known = self._find_request(claimed.request_id), self.request(new.request_id)
            if older.state is not waiting and (known is None or known.state not in _WAITING):
                return older
            self._enqueue([planned], claimed.lane)  # which supersedes the older one
            placed = self._find_request(new.request_id)
            if placed.state is waiting and not placed.not_before:
                self._run("mark_claimed", ids=ids([placed.request_id]), now=self._clock())
            return self._find_request(placed.request_id)

    def retry(self, request_id: str, lane: str) -> Request:
        """Ask again for a dub that failed, was refused, quarantined or cancelled, or was withdrawn.

        Returns:
            The next attempt, which waits; asking twice gives the same one.

        Raises:
            InvalidInput: there is no such request.
            Conflict: it is in another state, or its title has a newer version, or another plan was
                asked for since.
        """
        with self.transaction():
            known = self._find_request(request_id)
            of = {"title_id": known.title_id, "language": known.language}
            withdrawn = self._run("was_withdrawn", **of, run_id=known.run_id)
            if known.state not in RETRIED and not withdrawn:
                raise _taken(known, f"none of {', '.join(RETRIED)}")
            latest = Request.model_validate(self._run("latest_request", **of))
            title = self._run("find_title", title_id=known.title_id)
            if _plan_of(latest) != _plan_of(known) or title["version"] != known.version:
                raise Conflict(
                    "another version or plan of it is wanted by now",
                    where=request_id,
                    remedy="request the title anew",
                )
            if latest.attempt > known.attempt:
                return latest
            kept = known.model_dump(include=KEPT) | {"asked_by": AskedBy.PERSON}
            again = new_request(**kept, attempt=known.attempt + 1)
            found = self._new_of([again]) or [again]
            self.enqueue(found, lane)
            return self._find_request(found[0].request_id)

    def _find_request(self, request_id: str) -> Request:
        request = self.request(request_id)
        if request is None:
            raise InvalidInput(
                "there is no such request", where=request_id, remedy="correct the id"
            )
        return request


def _search(titles: str, series: str, state: str) -> tuple[str, dict[str, str]]:
    """The query that looks at the fewest rows, and what it wants to know."""
    if series:
        about = {"series_id": series, "titles": like_pattern(titles), "state": state}
        return "requests_of_series", about
    if not set("*?") & set(titles):
        return "requests_of_title", {"title_id": titles, "state": state}
    if state:
        return "requests_in_state", {"titles": like_pattern(titles), "state": state}
    return "requests_like", {"titles": like_pattern(titles)}


def _request(row: dict[str, Any] | None) -> Request | None:
    return Request.model_validate(row) if row else None


def _plan_of(request: Request) -> tuple[str, str]:
    return request.version, request.plan_digest


def _taken(known: Request, wanted: str) -> Conflict:
    return Conflict(
        f"the request is {known.state}, {wanted}",
        where=known.request_id,
        remedy="look at what is there now",
    )
