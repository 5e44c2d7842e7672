"""What the queue keeps: its rows as frozen documents. Times are UTC, as `catalog.session.now()`."""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import Literal

from pydantic import Field

from airdub.model import Document, canonical_json

NEVER = "9999-12-31T00:00:00.000000Z"
"""The deadline of what has none."""

PRIORITY = 50
"""Of what was given none; the highest goes first."""


class RequestState(StrEnum):
    """Where a request stands."""

    HELD = "held"  # its plan is tried on other titles first
    WAITING = "waiting"
    CLAIMED = "claimed"  # its run is about to be started
    RUNNING = "running"
    PUBLISHED = "published"
    IN_REVIEW = "in_review"
    QUARANTINED = "quarantined"
    FAILED = "failed"
    REFUSED = "refused"  # by the source, a policy or a rights window: no retry can help
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"  # another version or plan was asked for while it waited


ACTIVE = (RequestState.CLAIMED, RequestState.RUNNING)
"""What has a run now."""

OPEN = (RequestState.HELD, RequestState.WAITING, *ACTIVE)
"""What will be dubbed."""

RETRIED = (
    RequestState.FAILED,
    RequestState.REFUSED,
    RequestState.QUARANTINED,
    RequestState.CANCELLED,
)
"""What a person may ask for again."""

ENDED = (RequestState.PUBLISHED, *RETRIED, RequestState.SUPERSEDED)
"""What nothing will happen to any more by itself."""


class AskedBy(StrEnum):
    """Who wants a dub. What a person asked for doesn't give way to what the others ask."""

    PERSON = "person"
    ORDER = "order"  # a standing one
    COMPLAINTS = "complaints"


class Request(Document):
    """One dub that is wanted: each (title, language, version, plan, attempt) at most once.

    Attributes:
        request_id: of these five (`new_request`).
        version: of the source and what lies beside it.
        plan_digest: see `airdub.queue.plans`.
        attempt: from 1; raised when a person asks again.
        priority: 0 to 100, highest first.
        due: its deadline, or `NEVER`.
        turn: its place among all lanes of its priority, lowest first; given when it is enqueued.
        lane: who enqueued it: an interval of `dub_catalog`, a command.
        asked_by: `person` as soon as one has asked for it.
        reason: class of the failure, or why it is held back or refused.
        note: the same in words.
        run_id: of its first `dub_video` run; repairs add `.a2`, `.a3`.
        not_before: not claimed earlier; "" at once.
        claimed_at, ended_at: "" not yet.
    """

    request_id: str
    title_id: str
    language: str
    version: str
    plan_digest: str
    attempt: int = Field(1, ge=1)
    profile: str
    priority: int = Field(PRIORITY, ge=0, le=100)
    due: str = NEVER
    turn: int = 0
    lane: str = ""
    asked_by: AskedBy = AskedBy.PERSON
    state: RequestState = RequestState.WAITING
    reason: str = ""
    note: str = ""
    run_id: str
    not_before: str = ""
    requested_at: str = ""
    claimed_at: str = ""
    ended_at: str = ""
    changed_at: str = ""


def new_request(
    title_id: str,
    language: str,
    version: str,
    plan_digest: str,
    *,
    profile: str,
    priority: int = PRIORITY,
    due: str = NEVER,
    attempt: int = 1,
    asked_by: AskedBy = AskedBy.PERSON,
) -> Request:
    """A request that waits; the same five give the same id and the same run."""
    five = {
        "title_id": title_id,
        "language": language,
        "version": version,
        "plan_digest": plan_digest,
        "attempt": attempt,
    }
    request_id = hashlib.sha256(canonical_json(five)).hexdigest()[:32]
    return Request(
        **five,
        request_id=request_id,
        profile=profile,
        priority=priority,
        due=due,
        asked_by=asked_by,
        run_id=f"{title_id}.{language}.{request_id[:12]}",
    )


class StateCount(Document):
    """How many requests for a language are in a state."""

    state: RequestState
    language: str
    count: int


class FailureCount(Document):
    """How many requests didn't become dubs, by state and reason, with one of them."""

    state: RequestState
    reason: str
    count: int
    example: str


class StandingOrder(Document):
    """What is wanted of titles, those of the future included.

    Attributes:
        titles: pattern of title ids: `*`, `maria-*`.
        series_id: "" any title.
        deadline_hours: after the title's ingest; None without.
        ended_at: "" while it stands.
    """

    order_id: str
    titles: str = "*"
    series_id: str = ""
    language: str
    profile: str
    priority: int = Field(PRIORITY, ge=0, le=100)
    deadline_hours: int | None = Field(None, gt=0)
    ordered_at: str = ""
    ended_at: str = ""


class Quota(Document):
    """How much may be started a day (UTC).

    Attributes:
        scope: `all`, `language:es` (its regions too), `profile:release`.
        unit: dubs that are claimed, or GPU seconds that judged runs have used.
    """

    scope: str = Field(pattern=r"^(all|language:\S+|profile:\S+)$")
    unit: Literal["dubs", "gpu_s"] = "dubs"
    per_day: float = Field(ge=0, allow_inf_nan=False)


class QuotaUse(Document):
    """A quota, and how much of it is used on a day."""

    quota: Quota
    day: str
    used: float


class RightsWindow(Document):
    """When a title or a series may be dubbed; what has no window may be at any time.

    Attributes:
        title_id: "" every title of the series.
        language: "" any; one without a region is all of its regions.
        opens_at: from then on.
        closes_at: until just before then.
    """

    window_id: str
    title_id: str = ""
    series_id: str = ""
    language: str = ""
    opens_at: str
    closes_at: str = NEVER


class Pause(Document):
    """While one is open nothing is claimed.

    Attributes:
        reason: class of failure that led to it, or `asked`.
        ended_at, ended_by: "" while it is open.
    """

    pause_id: str
    reason: str
    note: str
    paused_at: str
    ended_at: str = ""
    ended_by: str = ""


class Rollout(Document):
    """A new plan that is tried on some titles first.

    Attributes:
        canaries: requests of the plan that aren't held.
        state: `trying`; `open` when all of its requests may go; `stopped` when it went wrong.
    """

    plan_digest: str
    profile: str
    language: str
    canaries: int = Field(ge=0)
    state: Literal["trying", "open", "stopped"] = "trying"
    note: str = ""
    began_at: str = ""
    changed_at: str = ""
