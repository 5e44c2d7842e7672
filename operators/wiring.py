"""Wiring of tasks by their outputs, and the arguments that all of our tasks share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from operators.failures import RetryByErrorClass
from operators.notify import tell_failure
from operators.references import Source

if TYPE_CHECKING:
    from airflow.sdk import BaseOperator

_RETRY_DELAY = timedelta(seconds=2)
"""For tries that Airflow itself saw die (a killed worker); after others the error class decides."""

_TIME_LIMIT = timedelta(hours=2)
"""For copying files in and out; stages have their own."""


@dataclass(frozen=True)
class TaskOutputs:
    """A task and its outputs by name: `probe["facts"]`."""

    operator: BaseOperator
    names: frozenset[str]

    def __getitem__(self, output: str) -> Source:
        """The named output. Raises KeyError when the task has none of that name."""
        if output not in self.names:
            raise KeyError(f"{self.operator.task_id} has no output {output!r}")
        return Source(self.operator.task_id, output)


def task_defaults() -> dict[str, Any]:
    """Retries by error class, a time limit, notices; a task's own arguments come on top."""
    return {
        "retry_policy": RetryByErrorClass(),
        "retry_delay": _RETRY_DELAY,
        "execution_timeout": _TIME_LIMIT,
        "on_failure_callback": tell_failure,
    }


def wire(operator: BaseOperator, sources: Iterable[Source]) -> None:
    """Make the operator a successor of every task that it reads from."""
    dag = operator.get_dag()
    if dag is None:
        raise ValueError(f"{operator.task_id} is in no DAG")
    for task_id in sorted({source.task_id for source in sources}):
        dag.get_task(task_id).set_downstream(operator)
