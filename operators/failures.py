"""What Airflow does with a failure: retries bounded by error class, one record per failed try.

Airflow's `try_number` mixes causes (a killed worker counts as a bug does), so failures are counted
in the store, under the run that had them.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import RetryPolicy
from airflow.sdk.definitions.retry_policy import RetryDecision

from airdub.artifacts import ArtifactStore
from airdub.errors import RETRY_RULES, AirdubError, EngineFailed
from airdub.failures import FailureRecord, failures, record_failure
from airdub.settings import load_settings

if TYPE_CHECKING:
    from airflow.sdk import Context

log = logging.getLogger(__name__)


class RetryByErrorClass(RetryPolicy):
    """Retries as `airdub.errors.RETRY_RULES` says; an unknown exception counts as a bug."""

    def evaluate(
        self,
        exception: BaseException,
        try_number: int,
        max_tries: int,
        context: Context | None = None,
    ) -> RetryDecision:
        """Record the failure, then retry or fail by the count of its class."""
        error = as_airdub_error(exception)
        if context is None:
            return RetryDecision.default()
        store = ArtifactStore(load_settings().store_url)
        run_id, task_id = str(context["run_id"]), str(context["ti"].task_id)
        record = FailureRecord.of(error, try_number=try_number, max_tries=max_tries)
        record_failure(store, run_id, task_id, record)
        same = [
            one
            for one in failures(store, run_id, task_id)
            if one.error == record.error and one.max_tries == max_tries
        ]
        return decide(error, len(same))

    def serialize(self) -> dict[str, Any]:
        """There is nothing to configure."""
        return {}

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> RetryByErrorClass:
        """The policy; it has no state."""
        return cls(**data)


def decide(error: AirdubError, count: int) -> RetryDecision:
    """What to do about the `count`-th failure of its class within one task."""
    kind = type(error)
    rule = RETRY_RULES[kind]
    if count > rule.retries:
        bound = f"after {rule.retries} retries" if rule.retries else "at once"
        return RetryDecision.fail(f"{kind.__name__} fails {bound}: {error}")
    delay_s = rule.delay_s * rule.backoff ** (count - 1)
    return RetryDecision.retry(
        timedelta(seconds=delay_s),
        f"{kind.__name__}: retry {count} of {rule.retries} in {delay_s:g} s",
    )


def as_airdub_error(exception: BaseException) -> AirdubError:
    """The failure's class; anything that isn't ours is a bug, a timeout included."""
    if isinstance(exception, AirdubError) and type(exception) in RETRY_RULES:
        return exception
    return EngineFailed(f"{type(exception).__name__}: {exception}", remedy="read this task's log")
