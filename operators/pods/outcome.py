"""What became of a pod, and which error that is: pure functions of what the API says of it.

Pods are the API's JSON objects. A pod that says nothing by itself (evicted, pre-empted, gone with
its node) is `Interrupted`; the stage's own exit code counts wherever there is one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from airdub.errors import (
    AirdubError,
    DependencyUnavailable,
    Interrupted,
    InvalidInput,
    ResourceExhausted,
)
from operators.pods.spec import CONTAINER
from operators.reports import StageReport, too_late

_TAKEN_AWAY = {
    "Evicted", "Preempting", "NodeLost", "NodeShutdown", "NodeAffinity", "Shutdown", "Terminated",
    "UnexpectedAdmissionError", "OutOfcpu", "OutOfmemory", "OutOfpods", "OutOfnvidia.com/gpu",
}  # fmt: skip
"""Reasons of a failed pod that are the platform's; the kubelet words them."""

_STOPPED_CODES = {75, 129, 130, 137, 143}
"""Exit codes of a stage that was told to stop, or killed."""

_NO_IMAGE = {"ErrImagePull", "ImagePullBackOff", "RegistryUnavailable", "ErrImageNeverPull"}
_NO_CONFIG = {"CreateContainerConfigError", "CreateContainerError", "RunContainerError"}
_OVER = ("Succeeded", "Failed")
_LOST_AFTER = timedelta(seconds=60)
_TRY_AGAIN = "nothing: it is tried again"


@dataclass(frozen=True)
class PodEnd:
    """How a pod ended.

    Attributes:
        exit_code: of the stage; None when it has none.
        cause: the platform's word for it: `OOMKilled`, `Evicted`, `Deleted`, ...; "" none.
        message: what the platform says, or the last lines of the stage's log.
        platform: whether the platform took it away.
    """

    exit_code: int | None
    cause: str = ""
    message: str = ""
    platform: bool = False


GONE = PodEnd(None, "Deleted", "the pod is gone: pre-empted, or deleted by somebody", True)


def ended(pod: dict[str, Any], now: datetime) -> PodEnd | None:
    """How the pod ended; None while it may still do something."""
    status = pod.get("status") or {}
    phase = status.get("phase", "Pending")
    exit_code, cause, message = _stage(status)
    if away := _taken_away(status):
        return PodEnd(exit_code, *away, platform=True)
    if _lost(pod, now):
        return PodEnd(exit_code, "NodeLost", "its node does not answer any more", True)
    if phase in _OVER or exit_code is not None:
        told = str(status.get("reason") or cause or phase)
        words = message or str(status.get("message") or "")
        return PodEnd(exit_code, told, words, platform=exit_code is not None and is_leaving(pod))
    return None


def is_leaving(pod: dict[str, Any]) -> bool:
    """Whether somebody deleted the pod, and it is only finishing."""
    return bool(pod["metadata"].get("deletionTimestamp"))


def is_over(pod: dict[str, Any]) -> bool:
    """Whether nothing of it runs any more, for all that its node says."""
    return (pod.get("status") or {}).get("phase") in _OVER


def is_running(pod: dict[str, Any]) -> bool:
    """Whether its stage has started, so that there is a log."""
    states = [one.get("state") or {} for one in _containers(pod.get("status") or {})]
    return any("running" in state or "terminated" in state for state in states)


def failure(stage: str, end: PodEnd, report: StageReport) -> AirdubError:
    """The error of a pod that left no verified result.

    Args:
        report: fed with the stage's log; what is missing there is taken from the end's message.
    """
    if not report.said:
        for line in end.message.splitlines():
            report.recover(line)
    if end.cause == "DeadlineExceeded":
        return too_late(stage)
    if end.cause == "OOMKilled" or _filled_its_volumes(end):
        return ResourceExhausted(
            f"{stage} ran out of memory or disk: {end.cause}",
            where=end.message[:300] if end.platform else "",
            remedy="nothing: it is tried again with more, up to the bound of its node class",
        )
    if end.platform and (end.exit_code is None or end.exit_code in _STOPPED_CODES):
        return Interrupted(
            f"{stage} was interrupted: {end.cause or 'Deleted'}",
            where=end.message[:300],
            remedy=_TRY_AGAIN,
        )
    if end.exit_code is None:
        return Interrupted(
            f"the pod of {stage} failed before it began: {end.cause}",
            where=end.message[:300],
            remedy=_TRY_AGAIN,
        )
    return report.failure(end.exit_code)


def stuck(pod: dict[str, Any], now: datetime, patience: timedelta) -> AirdubError | None:
    """Why a pod that hasn't started is not worth waiting for any longer; None while it is."""
    status = pod.get("status") or {}
    if status.get("phase", "Pending") != "Pending" or is_leaving(pod):
        return None
    waiting = [one["state"]["waiting"] for one in _containers(status) if _waits(one)]
    reason = str(waiting[0].get("reason") or "") if waiting else ""
    message = str(waiting[0].get("message") or "") if waiting else ""
    if reason == "InvalidImageName":
        remedy = "correct AIRDUB_POD_IMAGES or AIRDUB_POD_IMAGE_TAG"
        return InvalidInput("the image's name can't be used", where=message, remedy=remedy)
    if now - _created(pod) < patience:
        return None
    if reason in _NO_IMAGE:
        remedy = "check that the image is there and that nodes may pull it; it is tried again"
        return Interrupted(f"the image can't be pulled: {reason}", where=message, remedy=remedy)
    if reason in _NO_CONFIG:
        remedy = "create the secret, claim or account that it names"
        return DependencyUnavailable(f"no container: {reason}", where=message, remedy=remedy)
    unscheduled = [
        str(one.get("message") or "")
        for one in status.get("conditions") or ()
        if one.get("type") == "PodScheduled" and one.get("status") == "False"
    ]
    remedy = "give the cluster more such nodes; it is tried again"
    what = "no node has room for the pod" if unscheduled else "the pod did not start in time"
    return Interrupted(what, where="; ".join(unscheduled) or reason, remedy=remedy)


def _filled_its_volumes(end: PodEnd) -> bool:
    """Whether an eviction is the stage's own doing, and not its node's pressure."""
    pressed = end.message.startswith("The node was low on resource")
    return end.cause == "Evicted" and not pressed and "exceed" in end.message.lower()


def _containers(status: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for one in status.get("containerStatuses") or () if one.get("name") == CONTAINER]


def _waits(container: dict[str, Any]) -> bool:
    return "waiting" in (container.get("state") or {})


def _stage(status: dict[str, Any]) -> tuple[int | None, str, str]:
    """Exit code, reason and message of the stage's container."""
    for one in _containers(status):
        terminated = (one.get("state") or {}).get("terminated")
        # 137 ContainerStatusUnknown is the kubelet's placeholder for a container that it lost
        if terminated and terminated.get("reason") != "ContainerStatusUnknown":
            reason = str(terminated.get("reason") or "")
            return int(terminated["exitCode"]), reason, str(terminated.get("message") or "")
    return None, "", ""


def _taken_away(status: dict[str, Any]) -> tuple[str, str] | None:
    """The platform's word and message, if it took the pod away."""
    if status.get("phase") == "Succeeded":
        return None
    reason, message = str(status.get("reason") or ""), str(status.get("message") or "")
    if reason in _TAKEN_AWAY or reason.startswith("OutOf"):
        return reason, message
    for one in status.get("conditions") or ():
        if one.get("type") == "DisruptionTarget" and one.get("status") == "True":
            return str(one.get("reason") or "Disrupted"), str(one.get("message") or "")
    return None


def _lost(pod: dict[str, Any], now: datetime) -> bool:
    """Whether nobody answers for the pod: Unknown, or still there long after it was to be gone."""
    if (pod.get("status") or {}).get("phase") == "Unknown":
        return True
    due = pod["metadata"].get("deletionTimestamp")
    return bool(due) and now - parse_time(due) > _LOST_AFTER


def _created(pod: dict[str, Any]) -> datetime:
    return parse_time(pod["metadata"]["creationTimestamp"])


def parse_time(text: str) -> datetime:
    """A time as the API writes it (RFC 3339)."""
    return datetime.fromisoformat(text).astimezone(UTC)
