"""What a request has come to: the catalogue's word first, then Airflow's, and nothing is lost."""

from __future__ import annotations

from typing import Any

import pytest

from airdub.catalog import Publication, Quarantine, Review
from airdub.failures import FailureRecord
from airdub.queue.documents import RequestState
from airdub.queue.runs import LastRun
from airdub.queue.settling import GONE, settled

ABOUT = {"run_id": "run", "title_id": "film", "language": "es", "opened_at": "", "changed_at": ""}


def publication(state: str, note: str = "") -> Publication:
    return Publication(**ABOUT, state=state, note=note)


def review(state: str) -> Review:
    words = {"who": "", "why": "", "notes": ""}
    return Review(**ABOUT, **words, best_run_id="run", state=state, priority=1)


def quarantine(state: str = "held") -> Quarantine:
    return Quarantine(**ABOUT, reason="the picture is damaged", state=state, note="")


def failure(error: str) -> FailureRecord:
    return FailureRecord(error=error, exit_code=65, what="no audio", try_number=1, max_tries=9)


def state(run_state: str = GONE, failed: FailureRecord | None = None, **last: Any) -> str | None:
    found = settled(LastRun("run", **last), run_state, failed)
    return found and found.state


@pytest.mark.parametrize(
    ("run_state", "expected"),
    [("queued", "running"), ("running", "running"), ("success", "failed"), (GONE, None)],
)
def test_a_run_without_a_verdict_is_what_airflow_says(run_state: str, expected: str | None) -> None:
    assert state(run_state) == expected


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ("InvalidInput", RequestState.REFUSED),
        ("PolicyRefused", RequestState.REFUSED),
        ("EngineFailed", RequestState.FAILED),
        ("TemporaryFailure", RequestState.FAILED),
    ],
)
def test_a_failed_run_says_what_failed_it(error: str, expected: RequestState) -> None:
    found = settled(LastRun("run"), "failed", failure(error))
    assert found
    assert (found.state, found.reason, found.note) == (expected, error, "no audio")


def test_a_run_that_failed_without_a_word_has_failed() -> None:
    found = settled(LastRun("run"), "failed")
    assert found
    assert (found.state, found.reason) == (RequestState.FAILED, "unknown")


@pytest.mark.parametrize("run_state", ["running", "failed", "success", GONE])
@pytest.mark.parametrize(
    ("last", "expected"),
    [
        ({"publication": publication("published")}, RequestState.PUBLISHED),
        ({"publication": publication("refused", "no consent")}, RequestState.REFUSED),
        ({"publication": publication("superseded")}, RequestState.SUPERSEDED),
        ({"quarantine": quarantine()}, RequestState.QUARANTINED),
        ({"review": review("open")}, RequestState.IN_REVIEW),
        ({"review": review("superseded")}, RequestState.SUPERSEDED),
        ({"review": review("reject"), "quarantine": quarantine()}, RequestState.QUARANTINED),
        (
            {"review": review("publish_with_waiver"), "publication": publication("pending")},
            RequestState.IN_REVIEW,
        ),
        (
            {"review": review("publish_with_waiver"), "publication": publication("published")},
            RequestState.PUBLISHED,
        ),
        ({"overtaken": True}, RequestState.SUPERSEDED),
    ],
)
def test_what_the_catalogue_says_holds_whatever_became_of_the_run(
    run_state: str, last: dict[str, Any], expected: RequestState
) -> None:
    assert LastRun("run", **last).is_decided
    assert state(run_state, failure("EngineFailed"), **last) == expected


@pytest.mark.parametrize(
    ("run_state", "expected"),
    [("running", "running"), ("failed", "failed"), ("success", "failed"), (GONE, None)],
)
def test_a_release_that_is_not_out_yet_is_its_runs_business(
    run_state: str, expected: str | None
) -> None:
    last = LastRun("run", publication=publication("pending"))
    assert not last.is_decided
    found = settled(last, run_state, failure("DependencyUnavailable"))
    assert (found and found.state) == expected
