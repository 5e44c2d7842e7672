"""What became of a pod, by what the API says of it."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from airdub.errors import (
    AirdubError,
    DependencyUnavailable,
    EngineFailed,
    IncompleteResult,
    Interrupted,
    InvalidInput,
    PolicyRefused,
    ResourceExhausted,
    TemporaryFailure,
)
from operators.pods.outcome import ended, failure, stuck
from operators.reports import StageReport

NOW = datetime(2030, 5, 1, 12, tzinfo=UTC)
SAID = '{"event": "error", "class": "InvalidInput", "what": "no audio", "where": "film.mp4"}'


def pod(phase: str, state: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """A pod created an hour ago, its stage's container in a state."""
    metadata = {"name": "p", "creationTimestamp": "2030-05-01T11:00:00Z"}
    metadata |= {"deletionTimestamp": more.pop("leaving")} if "leaving" in more else {}
    containers = [{"name": "stage", "state": state}] if state else []
    status = {"phase": phase, "containerStatuses": containers, **more}
    return {"metadata": metadata, "status": status}


def terminated(code: int, reason: str = "Error", message: str = "") -> dict[str, Any]:
    return {"terminated": {"exitCode": code, "reason": reason, "message": message}}


def error_of(seen: dict[str, Any], log: str = "") -> AirdubError:
    report = StageReport("mix", logging.getLogger("test"))
    if log:
        report.line(log)
    end = ended(seen, NOW)
    assert end is not None
    return failure("mix", end, report)


def disrupted(reason: str) -> dict[str, Any]:
    return {"conditions": [{"type": "DisruptionTarget", "status": "True", "reason": reason}]}


PRESSURE = "The node was low on resource: ephemeral-storage. Container stage was using 9Gi."
FULL = 'Usage of EmptyDir volume "scratch" exceeds the limit "10Gi".'


@pytest.mark.parametrize(
    ("seen", "kind"),
    [
        (pod("Failed", terminated(65)), InvalidInput),
        (pod("Failed", terminated(69)), DependencyUnavailable),
        (pod("Failed", terminated(70)), EngineFailed),
        (pod("Failed", terminated(75)), TemporaryFailure),
        (pod("Failed", terminated(77)), PolicyRefused),
        (pod("Failed", terminated(139)), EngineFailed),
        (pod("Failed", terminated(137, "OOMKilled")), ResourceExhausted),
        (pod("Failed", terminated(1, "OOMKilled")), ResourceExhausted),
        (pod("Failed", terminated(137)), ResourceExhausted),
        (pod("Succeeded", terminated(0, "Completed")), IncompleteResult),
        (pod("Running", terminated(65)), InvalidInput),
        (pod("Failed", reason="Evicted", message=PRESSURE), Interrupted),
        (pod("Failed", terminated(137), reason="Evicted", message=PRESSURE), Interrupted),
        (pod("Failed", terminated(137), reason="Evicted", message=FULL), ResourceExhausted),
        (pod("Failed", reason="OutOfnvidia.com/gpu"), Interrupted),
        (pod("Failed", reason="UnexpectedAdmissionError"), Interrupted),
        (pod("Failed", terminated(143), **disrupted("PreemptionByScheduler")), Interrupted),
        (pod("Failed", terminated(137), **disrupted("DeletionByTaintManager")), Interrupted),
        (pod("Failed", terminated(65), **disrupted("PreemptionByScheduler")), InvalidInput),
        (pod("Failed", terminated(137, "ContainerStatusUnknown")), Interrupted),
        (pod("Failed", terminated(75), leaving="2030-05-01T12:00:20Z"), Interrupted),
        (pod("Unknown", {"running": {}}), Interrupted),
        (pod("Running", {"running": {}}, leaving="2030-05-01T11:58:00Z"), Interrupted),
        (pod("Failed", terminated(143), reason="DeadlineExceeded"), EngineFailed),
        (pod("Failed", reason="DeadlineExceeded"), EngineFailed),
    ],
)
def test_every_end_is_one_error(seen: dict[str, Any], kind: type[AirdubError]) -> None:
    assert type(error_of(seen)) is kind


@pytest.mark.parametrize(
    "seen",
    [
        pod("Pending"),
        pod("Running", {"running": {}}),
        pod("Running", {"running": {}}, leaving="2030-05-01T12:00:20Z"),
        pod("Pending", {"waiting": {"reason": "ContainerCreating"}}),
    ],
)
def test_what_may_still_do_something_has_not_ended(seen: dict[str, Any]) -> None:
    assert ended(seen, NOW) is None


def test_the_stages_own_words_are_the_errors() -> None:
    assert str(error_of(pod("Failed", terminated(65)), SAID)) == "film.mp4: no audio"


def test_without_a_log_the_last_words_that_the_cluster_kept_are_taken() -> None:
    kept = f"cut in half}}\n{SAID}"
    assert str(error_of(pod("Failed", terminated(65, message=kept)))) == "film.mp4: no audio"


def test_an_interruption_names_its_cause() -> None:
    assert str(error_of(pod("Failed", reason="Evicted", message=PRESSURE))).startswith(
        "The node was low on resource: ephemeral-storage"
    )


@pytest.mark.parametrize(
    ("seen", "kind", "word"),
    [
        (pod("Pending", {"waiting": {"reason": "ImagePullBackOff"}}), Interrupted, "image"),
        (pod("Pending", {"waiting": {"reason": "ErrImagePull"}}), Interrupted, "image"),
        (
            pod("Pending", {"waiting": {"reason": "CreateContainerConfigError"}}),
            DependencyUnavailable,
            "CreateContainerConfigError",
        ),
        (
            pod(
                "Pending",
                conditions=[{"type": "PodScheduled", "status": "False", "message": "no GPU"}],
            ),
            Interrupted,
            "no GPU",
        ),
        (pod("Pending"), Interrupted, "start in time"),
    ],
)
def test_patience_ends(seen: dict[str, Any], kind: type[AirdubError], word: str) -> None:
    assert stuck(seen, NOW, timedelta(hours=2)) is None
    error = stuck(seen, NOW, timedelta(minutes=30))
    assert type(error) is kind
    assert word in str(error)


def test_an_impossible_image_needs_no_patience() -> None:
    seen = pod("Pending", {"waiting": {"reason": "InvalidImageName", "message": "a b"}})
    assert type(stuck(seen, NOW, timedelta(hours=2))) is InvalidInput


def test_what_runs_is_never_stuck() -> None:
    assert stuck(pod("Running", {"running": {}}), NOW, timedelta(0)) is None
