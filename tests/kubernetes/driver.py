"""One task through all of its tries, as Airflow would take it, in the test's own process.

Triggers are taken apart and put together again as Airflow's database does it; every try and every
resumption has an operator of its own. Pauses between tries are left out.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pkgutil import resolve_name
from types import SimpleNamespace
from typing import Any

from airflow.sdk.definitions.retry_policy import RetryAction
from airflow.sdk.exceptions import TaskDeferred
from airflow.sdk.execution_time.comms import SetXCom
from airflow.sdk.execution_time.supervisor import set_supervisor_comms
from airflow.serialization.serialized_objects import BaseSerialization

from operators.failures import RetryByErrorClass
from operators.progress import PROGRESS
from operators.references import Source
from operators.stage_pod import StagePodOperator

MAX_TRIES = 25


class TaskInstance:
    """What operators use of Airflow's task instance.

    Attributes:
        told: values by key that the task wrote while it worked, oldest first.
    """

    dag_id = "dub_video"
    map_index = -1

    def __init__(self, task_id: str, run_id: str, try_number: int, xcoms: dict[str, Any]) -> None:
        self.task_id, self.run_id, self.try_number = task_id, run_id, try_number
        self.start_date = datetime.now(UTC)
        self._xcoms = xcoms
        self.told: dict[str, list[Any]] = {}

    def xcom_pull(self, task_ids: str) -> Any:
        """The value that a task returned."""
        return self._xcoms.get(task_ids)

    def xcom_push(self, key: str, value: Any) -> None:
        """Tell something."""
        self.told.setdefault(key, []).append(value)


@dataclass(frozen=True)
class Supervisor:
    """What answers those who wait for a pod: it takes what is to be told of their task."""

    ti: TaskInstance

    async def asend(self, message: Any) -> None:
        """Take one message."""
        if isinstance(message, SetXCom):
            assert (message.dag_id, message.task_id) == (self.ti.dag_id, self.ti.task_id)
            self.ti.xcom_push(message.key, message.value)


@dataclass
class Ending:
    """How a task ended: `success` or `failed`, its tries, and what each failed one raised.

    Attributes:
        progress: what the task told of it, in all tries.
    """

    state: str
    tries: int
    value: Any = None
    errors: list[BaseException] = field(default_factory=list)
    progress: list[str] = field(default_factory=list)

    @property
    def kinds(self) -> list[str]:
        return [type(error).__name__ for error in self.errors]


class WorkerKilled(BaseException):
    """Stands for signal 9: nothing of the operator runs after it."""


@dataclass
class TaskRun:
    """A stage's task in one run.

    Attributes:
        params, xcoms: of the run.
        timeout_s: the task's execution timeout.
        on_deferral: called with the trigger each time the task begins to wait.
    """

    stage: str
    inputs: dict[str, Source]
    params: dict[str, Any]
    xcoms: dict[str, Any]
    run_id: str = "run-1"
    timeout_s: float = 60
    first_try: int = 1
    on_deferral: Callable[[Any], None] = id

    def run(self) -> Ending:
        """All tries to the task's end."""
        ending = Ending("failed", 0)
        for number in range(self.first_try, MAX_TRIES + 2):
            ending.tries += 1
            context = self.context(number)
            try:
                with set_supervisor_comms(Supervisor(context["ti"])):
                    ending.value = self.one_try(context)
                ending.state = "success"
                return ending
            except Exception as error:  # noqa: BLE001 - as Airflow: the policy decides
                ending.errors.append(error)
                decision = RetryByErrorClass().evaluate(error, number, MAX_TRIES, context)
                if decision.action is RetryAction.FAIL:
                    return ending
            finally:
                ending.progress += context["ti"].told.get(PROGRESS, [])
        return ending

    def one_try(self, context: Any) -> Any:
        """One try, waits included."""
        call: Callable[[StagePodOperator], Any] = lambda operator: operator.execute(context)  # noqa: E731
        while True:
            try:
                return call(self.operator())
            except TaskDeferred as deferred:
                classpath, arguments = deferred.trigger.serialize()
                trigger = resolve_name(classpath)(**_stored(arguments))
                self.on_deferral(trigger)
                event = _stored(asyncio.run(first_event(trigger)))
                call = _resumption(deferred.method_name, event, context)

    def operator(self) -> StagePodOperator:
        """A new one, as each worker process has."""
        return StagePodOperator(
            task_id=self.stage,
            stage=self.stage,
            inputs=self.inputs,
            execution_timeout=timedelta(seconds=self.timeout_s),
        )

    def context(self, try_number: int) -> Any:
        """The context that Airflow would give to a try."""
        return {
            "ti": TaskInstance(self.stage, self.run_id, try_number, self.xcoms),
            "run_id": self.run_id,
            "params": self.params,
            "dag_run": SimpleNamespace(dag_id="dub_video", run_id=self.run_id),
        }


def _stored(value: Any) -> Any:
    """A value as it comes back from Airflow's database."""
    return BaseSerialization.deserialize(json.loads(json.dumps(BaseSerialization.serialize(value))))


def _resumption(method: str, event: Any, context: Any) -> Callable[[StagePodOperator], Any]:
    return lambda operator: operator.resume_execution(method, {"event": event}, context)


async def first_event(trigger: Any) -> Any:
    """What a trigger fires."""
    async for event in trigger.run():
        return event.payload
    raise RuntimeError("the trigger ended without an event")
