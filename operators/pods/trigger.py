"""Waiting for a pod without a slot."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

from airflow.triggers.base import BaseTrigger, TriggerEvent

from operators.pods.identity import TaskIdentity
from operators.pods.watching import PodWatch, Watched, brief

if TYPE_CHECKING:
    from airflow.providers.cncf.kubernetes.hooks.kubernetes import AsyncKubernetesHook


class PodTrigger(BaseTrigger):
    """Fires once something must be done about a pod; its log lines go to the task's log meanwhile.

    It holds no credential: the triggerer looks the connection up itself. A restarted triggerer goes
    on where the pod is, and repeats the lines of its log.

    Args:
        connection: id of the Kubernetes connection.
        in_cluster: whether that is the cluster that Airflow runs in.
        watched: fields of `Watched`.
        waiter: fields of the `TaskIdentity` that waits.
        own: whether the pod goes when its task is cleared or marked; one that another task started
            stays.
    """

    def __init__(
        self,
        connection: str,
        in_cluster: bool,
        watched: dict[str, Any],
        waiter: dict[str, Any],
        own: bool = True,
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.connection = connection
        self.in_cluster = in_cluster
        self.watched = watched
        self.waiter = waiter
        self.own = own

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Class and arguments, for Airflow's database."""
        return (
            "operators.pods.trigger.PodTrigger",
            {
                "connection": self.connection,
                "in_cluster": self.in_cluster,
                "watched": self.watched,
                "waiter": self.waiter,
                "own": self.own,
            },
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Watch until the pod's task must do something."""
        waiter = TaskIdentity(**self.waiter)
        watch = PodWatch(self._hook, Watched(**self.watched), waiter, self.log)
        yield TriggerEvent(await watch.until_over() | {"own": self.own})  # type: ignore[no-untyped-call]

    async def on_kill(self) -> None:
        """A person cleared or marked the waiting task: its pod goes."""
        if not self.own:
            return
        name = self.watched["name"]
        self.log.info("The task was stopped: deleting pod %s", name)
        try:
            await self._hook.delete_pod(name=name, namespace=self.watched["namespace"])
        except Exception as error:  # noqa: BLE001 - the sweeper deletes what is left
            self.log.warning("The pod %s was not deleted: %s", name, brief(error))

    @cached_property
    def _hook(self) -> AsyncKubernetesHook:
        from airflow.providers.cncf.kubernetes.hooks.kubernetes import AsyncKubernetesHook

        return AsyncKubernetesHook(
            conn_id=self.connection, in_cluster=True if self.in_cluster else None
        )
