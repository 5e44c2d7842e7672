"""What has become of a request, from its last run's state and what the catalogue knows. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from airdub.errors import InvalidInput, PolicyRefused
from airdub.failures import FailureRecord
from airdub.queue.documents import RequestState
from airdub.queue.runs import LastRun

if TYPE_CHECKING:
    from airdub.catalog import Publication

GONE = ""
"""The state of a run that Airflow doesn't know."""

ENDED = ("success", "failed")

_NO_RETRY_HELPS = (InvalidInput.__name__, PolicyRefused.__name__)
_NOT_PUBLISHED = "publication"


@dataclass(frozen=True)
class Settled:
    """A state of a request.

    Attributes:
        reason: class of the failure, or `publication`; "" without one.
        note: the same in words.
    """

    state: RequestState
    reason: str = ""
    note: str = ""


def settled(last: LastRun, run_state: str, failure: FailureRecord | None = None) -> Settled | None:
    """Where a request stands; None: its run is lost and must be started (again).

    What the catalogue says of a judged run holds, whatever became of the run in Airflow.

    Args:
        run_state: Airflow's word for the run, or `GONE`.
        failure: of a run that has failed, what ended it, if anything told.
    """
    if last.overtaken:
        return Settled(RequestState.SUPERSEDED, note="a later run of the title was judged")
    if last.publication:
        return _published(last, last.publication, run_state, failure)
    if last.quarantine:
        return Settled(RequestState.QUARANTINED, note=last.quarantine.reason)
    if last.review:
        return _reviewed(last.review.state)
    return _by_run(run_state, failure, "it ended without a verdict")


def _published(
    last: LastRun, publication: Publication, run_state: str, failure: FailureRecord | None
) -> Settled | None:
    match publication.state:
        case "published":
            return Settled(RequestState.PUBLISHED)
        case "refused":
            return Settled(RequestState.REFUSED, _NOT_PUBLISHED, publication.note)
        case "superseded":
            return Settled(RequestState.SUPERSEDED, note=publication.note)
    if last.review:  # the run that shows the review publishes it
        return Settled(RequestState.IN_REVIEW)
    return _by_run(run_state, failure, "it ended before its release was published")


def _reviewed(state: str) -> Settled:
    if state == "superseded":
        return Settled(RequestState.SUPERSEDED, note="a later run of the title was judged")
    return Settled(RequestState.IN_REVIEW)


def _by_run(run_state: str, failure: FailureRecord | None, otherwise: str) -> Settled | None:
    if run_state == GONE:
        return None
    if run_state not in ENDED:
        return Settled(RequestState.RUNNING)
    if failure is None:
        return Settled(RequestState.FAILED, "unknown", otherwise)
    refused = failure.error in _NO_RETRY_HELPS
    state = RequestState.REFUSED if refused else RequestState.FAILED
    return Settled(state, failure.error, failure.text)
