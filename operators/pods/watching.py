"""Watching one pod until something must be done about it: the same in a worker and a trigger."""

from __future__ import annotations

import asyncio
import math
import time
from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from operators.pods.cluster import CALL_TIMEOUT_S, MOST_LOG_BYTES, utc_now
from operators.pods.connections import shared_connection
from operators.pods.identity import TaskIdentity
from operators.pods.outcome import ended, is_running, stuck
from operators.pods.spec import CONTAINER
from operators.progress import TRIGGER_EVERY_S, TaskProgress
from operators.reports import StageReport

if TYPE_CHECKING:
    from airflow.providers.cncf.kubernetes.hooks.kubernetes import AsyncKubernetesHook

_OVERLAP_S = 5
"""Logs are asked for by whole seconds; lines that were read before are known by their times."""

_LONGEST_PAUSE_S = 60.0


@dataclass(frozen=True)
class Watched:
    """What is watched, and how.

    Attributes:
        stage: name of the stage, for messages.
        deadline: time (seconds since 1970) at which the pod is too late.
        patience_s: how long it may take to start.
        poll_s: pause between two looks.
        read_until: timestamp of the last line that was read before; "" reads from the beginning.
        read_at: time (seconds since 1970) of that.
    """

    name: str
    namespace: str
    stage: str
    deadline: float
    patience_s: float
    poll_s: float
    read_until: str = ""
    read_at: float = 0.0


class PodWatch:
    """Looks at a pod again and again; hands its lines on as they come.

    An API that falters is asked again, for as long as the task may take: the pod may well be at
    work all that time.

    Args:
        waiter: the task that waits; its progress is told.
        log: where lines, progress and troubles go.
    """

    def __init__(
        self, hook: AsyncKubernetesHook, watched: Watched, waiter: TaskIdentity, log: Any
    ) -> None:
        from airflow.sdk.execution_time.xcom import XCom

        self._hook = hook
        self._watched = watched
        self._log = log
        self._report = StageReport(watched.stage, log)
        self._progress = TaskProgress(partial(XCom.aset, **asdict(waiter)), log, TRIGGER_EVERY_S)
        self._read_until = watched.read_until
        self._read_at = watched.read_at
        self._troubles = 0

    async def until_over(self) -> dict[str, Any]:
        """Wait until the pod has `ended`, is `gone`, `stuck` or `late`, or the API has `refused`.

        Returns:
            An event: `reason`, `pod`, and what was read of the log: `read_until`, `read_at`,
            `said` (the stage's error line).
        """
        reason = None
        while reason is None:
            try:
                async with shared_connection(self._hook) as connection:
                    reason = await self._until_over(connection)
            except Exception as error:  # noqa: BLE001 - what isn't an answer is asked for again
                reason = self._trouble(error)
            if reason is None:
                await self._pause()
        return {
            "reason": reason,
            "pod": self._watched.name,
            "read_until": self._read_until,
            "read_at": self._read_at,
            "said": self._report.said,
        }

    async def _until_over(self, connection: Any) -> str:
        """The same over one connection, until there is trouble."""
        from kubernetes_asyncio.client import CoreV1Api

        api = CoreV1Api(connection)
        while True:
            reason = await self._look(api)
            self._troubles = 0
            if reason:
                return reason
            await self._pause()

    async def _look(self, api: Any) -> str | None:
        watched = self._watched
        found = await api.read_namespaced_pod(
            watched.name, watched.namespace, _request_timeout=CALL_TIMEOUT_S
        )
        pod = api.api_client.sanitize_for_serialization(found)
        if is_running(pod):
            await self._lines(api)
        if ended(pod, utc_now()):
            return "ended"
        if time.time() >= watched.deadline:
            return "late"
        if stuck(pod, utc_now(), timedelta(seconds=watched.patience_s)):
            return "stuck"
        return None

    async def _lines(self, api: Any) -> None:
        """Hand on the lines that came since the last time; a log that breaks off is read again."""
        began = time.time()
        since = seconds_since(self._read_at)
        options = {} if since is None else {"since_seconds": since}
        try:
            answer = await api.read_namespaced_pod_log(
                self._watched.name,
                self._watched.namespace,
                container=CONTAINER,
                timestamps=True,
                limit_bytes=MOST_LOG_BYTES,
                _preload_content=False,
                _request_timeout=CALL_TIMEOUT_S,
                **options,
            )
            text = (await answer.read()).decode("utf-8", "replace")
        except Exception as error:  # noqa: BLE001 - lines only tell; they decide nothing
            self._log.warning("The log could not be read: %s", brief(error))
            return
        self._read_until = hand_on(text, self._read_until, self._report)
        self._read_at = began
        await self._progress.tell_async(self._report.progress)

    def _trouble(self, error: Exception) -> str | None:
        """What an exception means for the watch; None goes on."""
        status = getattr(error, "status", None)
        if status == 404:
            return "gone"
        if time.time() >= self._watched.deadline:
            return "late"
        self._troubles += 1
        if status in (401, 403) and self._troubles > 3:
            return "refused"
        self._log.warning("The Kubernetes API falters, looking again: %s", brief(error))
        return None

    async def _pause(self) -> None:
        pause_s = self._watched.poll_s * 2 ** min(self._troubles, 5)
        left_s = max(0.0, self._watched.deadline - time.time())
        await asyncio.sleep(min(pause_s, _LONGEST_PAUSE_S, left_s + 0.01))


def hand_on(text: str, read_until: str, report: StageReport, *, final: bool = False) -> str:
    """Give a log's new lines to a report.

    Args:
        text: lines, each after its timestamp.
        read_until: timestamp up to which they are known.
        final: nothing comes any more: a last line without an end is taken too.

    Returns:
        The timestamp of the last line that was taken.
    """
    known = text if final else text[: text.rfind("\n") + 1]
    for line in known.split("\n"):
        stamp, _, words = line.partition(" ")
        if stamp > read_until:
            report.line(words)
            read_until = stamp
    return read_until


def seconds_since(read_at: float) -> int | None:
    """How far back to ask for lines after a read at that time; None asks for all."""
    return math.ceil(time.time() - read_at) + _OVERLAP_S if read_at else None


def brief(error: BaseException) -> str:
    """An exception in one line, without an answer's headers and body."""
    status = getattr(error, "status", None)
    words = f"{status} {getattr(error, 'reason', '')}" if status else str(error)
    return f"{type(error).__name__} {words}".strip()[:300]
