"""Which pods nobody waits for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from operators.pods.identity import KEPT, TaskIdentity
from operators.pods.sweeping import orphans

from .cases import TASK, request

NOW = datetime(2030, 5, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def pod(minutes: float, phase: str = "Running", **labels: str) -> dict[str, Any]:
    created = (NOW - timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")
    metadata = {
        "name": "p",
        "creationTimestamp": created,
        "labels": labels,
        "annotations": TASK.annotations(request("mix")),
    }
    spec = {"activeDeadlineSeconds": 3600}
    return {"metadata": metadata, "spec": spec, "status": {"phase": phase}}


def why(one: dict[str, Any], state: str | None) -> str:
    asked: list[TaskIdentity] = []

    def state_of(task: TaskIdentity) -> str | None:
        asked.append(task)
        return state

    found = orphans([one], state_of, NOW, DAY)
    assert set(asked) <= {TASK}
    return found[0].why if found else ""


@pytest.mark.parametrize(
    "state", ["none", "scheduled", "queued", "running", "deferred", "up_for_retry", "restarting"]
)
def test_a_task_that_goes_on_keeps_its_pod(state: str) -> None:
    assert why(pod(50), state) == ""
    assert why(pod(50, "Failed"), state) == ""


@pytest.mark.parametrize("state", ["success", "failed", "removed"])
def test_a_task_that_is_over_leaves_none(state: str) -> None:
    assert why(pod(50), state) == f"its task is over ({state})"
    assert why(pod(1), state) == ""


def test_a_task_that_is_no_more_leaves_none() -> None:
    assert why(pod(50), None) == "its task is no more"
    assert why(pod(5), None) == ""


def test_an_ended_pod_is_not_kept_for_a_task_that_never_comes() -> None:
    assert why(pod(89, "Failed"), "deferred") == ""
    assert why(pod(91, "Failed"), "deferred") == "it ended, and its task never came for it"
    assert why(pod(91), "deferred") == ""


def test_kept_pods_stay_as_long_as_asked() -> None:
    kept = {KEPT: "true"}
    assert why(pod(23 * 60, "Failed") | {}, "failed") != ""
    young, old = pod(23 * 60, "Failed"), pod(25 * 60, "Failed")
    young["metadata"]["labels"] = old["metadata"]["labels"] = kept
    assert why(young, "failed") == ""
    assert why(old, "success") == "it was kept long enough"


def test_a_pod_that_names_no_task_goes() -> None:
    nameless = pod(50)
    nameless["metadata"]["annotations"] = {"airdub/owner": "[1"}
    assert why(nameless, "running") == "its task is no more"


def test_a_pod_that_is_leaving_is_left_alone() -> None:
    leaving = pod(50)
    leaving["metadata"]["deletionTimestamp"] = "2030-05-01T12:00:10Z"
    assert why(leaving, "success") == ""


def test_a_pod_that_never_leaves_is_forced() -> None:
    leaving = pod(50)
    leaving["metadata"]["deletionTimestamp"] = "2030-05-01T11:49:59Z"
    (orphan,) = orphans([leaving], lambda _: "success", NOW, DAY)
    assert (orphan.lost, orphan.why) == (True, "it should be gone by now: its node does not answer")
