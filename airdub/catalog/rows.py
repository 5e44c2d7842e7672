"""What the catalogue answers: its rows as frozen documents. Times are UTC, ISO 8601."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import Field

from airdub.gates.verdict import Verdict
from airdub.judgements import DubRun
from airdub.model import Document
from airdub.repair.plan import RepairPlan


class Publication(Document):
    """A run that may be published: `pending`, `published`, `refused` or `superseded`."""

    run_id: str
    title_id: str
    language: str
    state: str
    note: str
    opened_at: str
    changed_at: str


class Repair(Document):
    """A run that is to be made again in part.

    Attributes:
        run_id: the run that is repaired.
        next_attempt: number of the attempt that does it.
        plan: None when a person asked for another attempt without saying what to change.
        state: `queued`, `started`, `done`, `failed` or `superseded`.
    """

    run_id: str
    title_id: str
    language: str
    next_attempt: int
    plan: RepairPlan | None
    state: str
    note: str
    opened_at: str
    changed_at: str


class Decision(StrEnum):
    """How a review ends."""

    PUBLISH_WITH_WAIVER = "publish_with_waiver"
    REDO = "redo"
    REJECT = "reject"
    TIMED_OUT = "timed_out"


class Review(Document):
    """A run that waits for a person.

    Attributes:
        best_run_id: the attempt that the person looks at and may publish.
        state: `open`, a `Decision`, or `superseded`.
        priority: worst first: highest first.
    """

    run_id: str
    title_id: str
    language: str
    best_run_id: str
    state: str
    priority: float
    who: str
    why: str
    notes: str
    opened_at: str
    changed_at: str


class ReviewTask(Document):
    """A review that people are shown.

    Attributes:
        task_run_id: the run of `review_dub` that shows it.
    """

    run_id: str
    task_run_id: str
    shown_at: str


class WaitingReview(Document):
    """An open review in the queue.

    Attributes:
        best_run_id: the run that people look at; attempt and reasons are its.
        task_run_id: the run of `review_dub` that shows it; None: not yet.
        segment: the first line that a reason is about; "" none.
    """

    run_id: str
    best_run_id: str
    title_id: str
    source_language: str
    language: str
    attempt: int
    priority: float
    opened_at: str
    task_run_id: str | None
    reasons: tuple[str, ...]
    segment: str


class Quarantine(Document):
    """A run that nobody may see: `held`, `released` or `superseded`."""

    run_id: str
    title_id: str
    language: str
    reason: str
    state: str
    note: str
    opened_at: str
    changed_at: str


class Waiver(Document):
    """Somebody's word that a run may be published although its gate said no.

    Attributes:
        run_id: the run that is published.
        review_id: run id of the review in which it was given.
    """

    run_id: str
    review_id: str
    who: str
    why: str
    given_at: str


class RunVerdict(Document):
    """A judged run.

    Attributes:
        data_docs: key of the pages of Great Expectations.
    """

    run: DubRun
    verdict: Verdict
    best_run_id: str
    data_docs: str | None
    recorded_at: str


class Release(Document):
    """A published dub.

    Attributes:
        folder: its key in the release store.
        sha256: of its `release.json`.
        replaces: the release that was current before; "" none.
        state: `current`, `replaced` or `withdrawn`.
    """

    release_id: str = Field(min_length=1)
    title_id: str
    language: str
    run_id: str
    folder: str
    sha256: str
    replaces: str = ""
    state: Literal["current", "replaced", "withdrawn"] = "current"
    note: str = ""
    published_at: str = ""
    changed_at: str = ""
