"""Pods that nobody waits for any more: told by their labels, their owners' states and their age."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from operators.pods.identity import KEPT, TaskIdentity
from operators.pods.outcome import ended, is_leaving, parse_time

_OVER = {"success", "failed", "skipped", "upstream_failed", "removed"}
"""States in which a task waits for no pod; between tries it still wants the one that it has."""

_SETTLING = timedelta(minutes=2)
"""A pod so young may belong to a task whose state is just being written."""

_COLLECTING = timedelta(minutes=30)
"""How long the log of an ended pod may wait for its task to be resumed."""

_LOST = timedelta(minutes=10)


@dataclass(frozen=True)
class Orphan:
    """A pod to delete, and why.

    Attributes:
        lost: whether it was deleted long ago, and only force helps.
    """

    name: str
    why: str
    lost: bool = False


def orphans(
    pods: Iterable[dict[str, Any]],
    state_of: Callable[[TaskIdentity], str | None],
    now: datetime,
    keep: timedelta,
) -> list[Orphan]:
    """Which of our pods nobody waits for.

    Args:
        state_of: Airflow's state of a task; None when it knows no such task.
        keep: how long failed pods that people asked to keep stay.
    """
    found = ((pod, _why(pod, state_of, now, keep)) for pod in pods)
    return [Orphan(pod["metadata"]["name"], why, is_leaving(pod)) for pod, why in found if why]


def _why(
    pod: dict[str, Any],
    state_of: Callable[[TaskIdentity], str | None],
    now: datetime,
    keep: timedelta,
) -> str:
    age = now - parse_time(pod["metadata"]["creationTimestamp"])
    if is_leaving(pod):
        overdue = now - parse_time(pod["metadata"]["deletionTimestamp"]) > _LOST
        return "it should be gone by now: its node does not answer" if overdue else ""
    if age < _SETTLING:
        return ""
    if KEPT in pod["metadata"]["labels"]:
        return "it was kept long enough" if age > keep else ""
    owner = TaskIdentity.read(pod)
    state = state_of(owner) if owner else None
    if state is None:
        return "its task is no more" if age > _LOST else ""
    return f"its task is over ({state})" if state in _OVER else _uncollected(pod, age, now)


def _uncollected(pod: dict[str, Any], age: timedelta, now: datetime) -> str:
    limit = timedelta(seconds=pod["spec"].get("activeDeadlineSeconds", 0)) + _COLLECTING
    late = ended(pod, now) and age > limit
    return "it ended, and its task never came for it" if late else ""
