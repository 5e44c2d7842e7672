"""The error tree, the exit codes and what Airflow does with each: one table, used on both sides.

A stage raises one of these; the runner turns it into an exit code and one JSON line; the
operator turns the exit code back into the same class and looks up its retry rule here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


class AirdubError(Exception):
    """Base of every expected failure. The message says what, where and what to do.

    Args:
        what: what is wrong, in one sentence.
        where: the file, field, line or artifact that it is about.
        remedy: what the reader can do next.
    """

    exit_code: ClassVar[int] = 70

    def __init__(self, what: str, *, where: str = "", remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.remedy = remedy

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        return f"{text.rstrip('.')}. What to do: {self.remedy}" if self.remedy else text


class InvalidInput(AirdubError):
    """The input can never work as it is: corrupt media, no audio, bad script, unknown language."""

    exit_code = 65


class DependencyUnavailable(AirdubError):
    """Something outside does not answer: storage, a weights mirror, a cloud engine."""

    exit_code = 69


class EngineFailed(AirdubError):
    """A bug in an engine or in its glue."""

    exit_code = 70


class Conflict(AirdubError):
    """Somebody else was first: the thing isn't any more in the state that this change is about."""

    exit_code = 73


class TemporaryFailure(AirdubError):
    """Stopped from outside or short of something that comes back: signal, eviction, node loss."""

    exit_code = 75


class Interrupted(TemporaryFailure):
    """The platform took the machine away: eviction, pre-emption, node loss, an image not pulled.

    No process ends with it; what watches a stage from outside says so. It has a bound of its own,
    because it says nothing about the stage.
    """


class PolicyRefused(AirdubError):
    """Not allowed: licence not in the profile, no consent, rights window closed."""

    exit_code = 77


class ResourceExhausted(AirdubError):
    """Killed for memory; a larger resource class may succeed."""

    exit_code = 137


class IncompleteResult(AirdubError):
    """The stage ended without a verified result.json: exit code 0 alone proves nothing."""

    exit_code = 0


@dataclass(frozen=True)
class RetryRule:
    """How often, and how soon, a class of failure is tried again.

    Attributes:
        retries: retries of this class within one task; 0 fails at once.
        delay_s: pause before the first retry.
        backoff: factor on the pause from one retry to the next.
    """

    retries: int
    delay_s: float = 0.0
    backoff: float = 1.0


RETRY_RULES: dict[type[AirdubError], RetryRule] = {
    IncompleteResult: RetryRule(retries=2, delay_s=5),
    InvalidInput: RetryRule(retries=0),
    DependencyUnavailable: RetryRule(retries=5, delay_s=10, backoff=2),
    EngineFailed: RetryRule(retries=1, delay_s=1),
    Conflict: RetryRule(retries=0),
    TemporaryFailure: RetryRule(retries=5, delay_s=2, backoff=2),
    Interrupted: RetryRule(retries=10, delay_s=5, backoff=2),  # waits for room: over an hour in sum
    PolicyRefused: RetryRule(retries=0),
    ResourceExhausted: RetryRule(retries=2, delay_s=5),
}
"""Bounds are per class; a task's own `retries` is their sum."""

TOTAL_RETRIES = sum(rule.retries for rule in RETRY_RULES.values())

_BY_EXIT_CODE: dict[int, type[AirdubError]] = {
    cls.exit_code: cls for cls in RETRY_RULES if cls not in (IncompleteResult, Interrupted)
}
_SIGKILL_CODES = (137, -9)
_STOP_SIGNAL_CODES = (143, -15, 130, -2)


def error_class(exit_code: int) -> type[AirdubError]:
    """Class of failure that a process's exit code stands for.

    A process killed by SIGKILL from outside can't be told from one killed for memory by its code
    alone; a runtime that knows better (a pod's reason, a cgroup's counter) decides itself.
    """
    if exit_code == 0:
        return IncompleteResult
    if exit_code in _SIGKILL_CODES:
        return ResourceExhausted
    if exit_code in _STOP_SIGNAL_CODES:
        return TemporaryFailure
    return _BY_EXIT_CODE.get(exit_code, EngineFailed)
