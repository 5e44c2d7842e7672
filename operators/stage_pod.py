"""A stage as a pod: the Kubernetes runtime's operator."""

from __future__ import annotations

import asyncio
import time
from dataclasses import asdict, replace
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from airflow.providers.cncf.kubernetes.operators.pod import (  # noqa: TID253 - the base class
    KubernetesPodOperator,
)
from airflow.sdk.exceptions import AirflowTaskTimeout

from airdub.errors import AirdubError, Interrupted, ResourceExhausted, TemporaryFailure
from airdub.failures import failures
from airdub.leases import Lease
from airdub.requests import StageResult
from operators.consents import throw_away_revoked
from operators.pods.cluster import Cluster, utc_now
from operators.pods.identity import (
    FINGERPRINT,
    KEPT,
    NUMBER,
    TaskIdentity,
    asked_folder,
    selector,
    short,
)
from operators.pods.outcome import (
    GONE,
    ended,
    failure,
    is_leaving,
    is_over,
    is_running,
    stuck,
)
from operators.pods.spec import grown, pod_manifest, refuse_unreachable_store
from operators.pods.trigger import PodTrigger
from operators.pods.watching import PodWatch, Watched, hand_on, seconds_since
from operators.progress import TaskProgress
from operators.references import ResultReference, Source
from operators.reports import StageReport, too_late
from operators.stage_work import StageWork, Work

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow.providers.cncf.kubernetes.hooks.kubernetes import AsyncKubernetesHook
    from airflow.sdk import Context

Pod = dict[str, Any]

_TRIGGER_MARGIN = timedelta(minutes=5)
"""The trigger itself says when a pod is late; Airflow's own limit only helps if it can't."""

_KILL_TIMEOUT_S = (1.0, 2.0)
"""Airflow gives a stopped task 5 s."""

_TRIGGER_FAILED = "__fail__"


class StagePodOperator(StageWork, KubernetesPodOperator):
    """Makes sure that a stage's result is in the store, by a pod if it isn't there yet.

    No pod starts when the result is there, and nothing but a verified result is success. While a
    pod works the task waits without a slot. A retry goes on with the pod of an earlier try, if it
    makes the same. See `StageWork` for what it returns and raises.

    Args:
        stage: name of the stage.
        inputs: where each input port comes from.
    """

    ui_color = "#e0e7ff"
    template_fields = ()

    def __init__(self, *, stage: str, inputs: Mapping[str, Source], **kwargs: Any) -> None:
        # our XCom is a reference to the result; the provider's would need a sidecar
        super().__init__(do_xcom_push=True, deferrable=True, **kwargs)
        self.stage = stage
        self.inputs = dict(inputs)
        self._own_pod = ""

    def resume_pod(self, context: Context, event: dict[str, Any]) -> ResultReference:
        """After waiting for a pod."""
        return self._refer(context, event)

    def resume_execution(
        self, next_method: str, next_kwargs: dict[str, Any] | None, context: Context
    ) -> Any:
        """Also after a trigger that failed: its pod is at work all the same."""
        if next_method != _TRIGGER_FAILED:
            return super().resume_execution(next_method, next_kwargs, context)
        error = str((next_kwargs or {}).get("error"))
        if "timeout" in error.lower():
            return self._refer(context, {"reason": "late", "pod": "", "own": True})
        raise TemporaryFailure(
            f"the triggerer lost sight of the pod: {error}",
            remedy="nothing: the next try goes on with the same pod",
        )

    def on_kill(self) -> None:
        """Stop the pod that this task waits for."""
        if not self._own_pod:
            return
        self.log.warning("Deleting pod %s", self._own_pod)
        try:
            self.client.delete_namespaced_pod(
                self._own_pod, self._namespace, _request_timeout=_KILL_TIMEOUT_S
            )
        except Exception as error:  # noqa: BLE001 - the sweeper deletes what is left
            self.log.warning("The pod %s was not deleted: %s", self._own_pod, type(error).__name__)

    def _result(self, work: Work) -> tuple[StageResult, bool]:
        refuse_unreachable_store(work.settings.store_url)
        self.kubernetes_conn_id = work.settings.pods.connection
        self._namespace = work.settings.pods.namespace
        if work.event:
            return self._after(work, work.event)
        if result := self._found(work):
            self.log.info("Cached: %s; no pod is started", work.request.result_key)
            if work.context["ti"].try_number > 1:
                self._tidy(work)
            return result, True
        pod, own = self._pod(work)
        return self._wait(work, pod["metadata"]["name"], own=own)

    # the pod: found, or made

    def _pod(self, work: Work) -> tuple[Pod, bool]:
        """The pod that makes the result, and whether it is this task's own."""
        mine = self._mine(work)
        if pod := self._adopted(work, mine):
            return pod, True
        fingerprint = selector(fingerprint=short(work.request.fingerprint))
        with Lease(work.store, f"{work.request.output_key}/requests") as asking:
            if not asking.acquire():
                self._wait_for_other(work)
            for pod in self._cluster.pods(fingerprint):
                if not is_leaving(pod) and not ended(pod, utc_now()):
                    name = pod["metadata"]["name"]
                    self.log.info("Another run's pod %s makes the same; waiting for it", name)
                    return pod, False
            if Lease(work.store, work.request.output_key).holder():
                self._wait_for_other(work)
            return self._created(work, mine), True

    def _mine(self, work: Work) -> list[Pod]:
        """Pods that this task started, in any try, oldest first."""
        return self._cluster.pods(selector(task=TaskIdentity.of(work.context).digest))

    def _adopted(self, work: Work, mine: list[Pod]) -> Pod | None:
        """The pod of an earlier try that makes the same; any other one is deleted."""
        adopted = None
        for pod in mine:
            labels = pod["metadata"]["labels"]
            if is_leaving(pod) or KEPT in labels:
                continue
            if adopted is None and labels[FINGERPRINT] == short(work.request.fingerprint):
                adopted = pod
                self.log.info("Going on with pod %s of an earlier try", pod["metadata"]["name"])
            else:
                self.log.info("Deleting stale pod %s", pod["metadata"]["name"])
                self._cluster.delete(pod["metadata"]["name"])
                self._forget(work, pod)
        return adopted

    def _created(self, work: Work, mine: list[Pod]) -> Pod:
        from airflow.providers.cncf.kubernetes.pod_generator import PodGenerator
        from airflow.settings import pod_mutation_hook

        task = TaskIdentity.of(work.context)
        number = 1 + max((int(pod["metadata"]["labels"][NUMBER]) for pod in mine), default=0)
        manifest = pod_manifest(work.request, task, self._resources(work), work.settings, number)
        work.store.write(work.request.request_key, work.request.to_json())
        body = PodGenerator.deserialize_model_dict(manifest)
        pod_mutation_hook(body)  # type: ignore[no-untyped-call]
        name = self._own_pod = manifest["metadata"]["name"]
        made = self._cluster.create(body) or self._cluster.read(name)
        if made is None:
            raise Interrupted("the pod was deleted as soon as it was made", where=name)
        limits = manifest["spec"]["containers"][0]["resources"]["limits"]
        self.log.info("Started pod %s with %s", name, limits)
        return made

    def _resources(self, work: Work) -> Any:
        """What the profile gives, grown by the times that this task ran out of it."""
        known = failures(work.store, str(work.context["run_id"]), self.task_id)
        exhausted = sum(one.error == ResourceExhausted.__name__ for one in known)
        return grown(work.resources, work.settings.pods.node_class(work.resources), exhausted)

    # waiting for it

    def _wait(
        self, work: Work, name: str, *, own: bool, seen: Mapping[str, Any] | None = None
    ) -> tuple[StageResult, bool]:
        pods = work.settings.pods
        deadline = self._deadline(work)
        watched = Watched(
            name=name,
            namespace=pods.namespace,
            stage=self.stage,
            deadline=deadline,
            patience_s=pods.start_minutes * 60,
            poll_s=pods.poll_s,
            read_until=str(seen["read_until"]) if seen else "",
            read_at=float(seen["read_at"]) if seen else 0.0,
        )
        if pods.deferrable:
            left = timedelta(seconds=max(0.0, deadline - time.time()))
            self.defer(
                trigger=PodTrigger(
                    pods.connection,
                    self._in_cluster,
                    asdict(watched),
                    asdict(TaskIdentity.of(work.context)),
                    own,
                ),
                method_name="resume_pod",
                timeout=left + _TRIGGER_MARGIN,
            )
        self._own_pod = name if own else ""
        return self._after(work, self._watch(work, watched) | {"own": own})

    def _watch(self, work: Work, watched: Watched) -> dict[str, Any]:
        """Wait for the pod in this process."""
        waiter = TaskIdentity.of(work.context)
        try:
            return asyncio.run(PodWatch(self._async_hook, watched, waiter, self.log).until_over())
        except AirflowTaskTimeout:
            return {"reason": "late", "pod": watched.name}

    def _deadline(self, work: Work) -> float:
        """When this try is over, in seconds since 1970."""
        began = work.context["ti"].start_date
        limit = timedelta(seconds=work.resources.timeout_s)  # of the order's profile
        limit = min(limit, self.execution_timeout or limit)
        return (began.timestamp() if began else time.time()) + limit.total_seconds()

    # after it

    def _after(self, work: Work, event: Mapping[str, Any]) -> tuple[StageResult, bool]:
        """What became of the pod: a verified result, an error, or more waiting."""
        if not event["own"]:
            return self._after_other(work, event)
        name = str(event["pod"]) or next((p["metadata"]["name"] for p in self._mine(work)), "")
        pod = self._cluster.read(name) if name else None
        report = StageReport(self.stage, self.log, said=event.get("said"))
        if pod and is_running(pod):
            self._rest_of_log(work, name, event, report)
        if pod:
            self._forget(work, pod)
        if result := self._found(work):
            self._remove(pod, keep=False)
            return result, False
        error = self._error(work, event["reason"], pod, report)
        if error is None:
            return self._wait(work, name, own=True, seen=event)
        unseen = event["reason"] == "refused" and not (pod and ended(pod, utc_now()))
        if not unseen:  # it may be at work: the next try goes on with it
            self._remove(pod, keep=work.settings.pods.keep_failed)
        self.log.error("%s: %s", type(error).__name__, error)
        raise error

    def _forget(self, work: Work, pod: Pod) -> None:
        """Erase what a pod made for another request, whose consent was revoked meanwhile."""
        folder = asked_folder(pod)
        if folder not in ("", work.request.output_key):
            throw_away_revoked(work.settings, work.store, folder)

    def _error(
        self, work: Work, reason: str, pod: Pod | None, report: StageReport
    ) -> AirdubError | None:
        """Why there is no result; None while there may still be one."""
        if pod is None and reason == "late":
            return too_late(self.stage)
        end = ended(pod, utc_now()) if pod else GONE
        if end and end.exit_code == 0:
            return self._incomplete(work)
        if end:
            return failure(self.stage, end, report)
        if reason == "late":
            return too_late(self.stage)
        if reason == "refused":
            return TemporaryFailure(
                "the Kubernetes API refuses to show the pod",
                where=f"connection {work.settings.pods.connection}",
                remedy="give its account the right to get pods and pods/log",
            )
        return stuck(pod or {}, utc_now(), timedelta(minutes=work.settings.pods.start_minutes))

    def _after_other(self, work: Work, event: Mapping[str, Any]) -> tuple[StageResult, bool]:
        """Somebody else's pod is over: his result is adopted, or made here after all."""
        if event["reason"] in ("ended", "gone"):
            return self._result(replace(work, event={}))
        raise Interrupted(
            f"another run's pod for {self.stage} is {event['reason']}",
            where=str(event["pod"]),
            remedy="nothing: it is tried again",
        )

    def _rest_of_log(
        self, work: Work, name: str, event: Mapping[str, Any], report: StageReport
    ) -> None:
        """The lines that the watch has not seen; the pod goes next."""
        since = seconds_since(float(event.get("read_at") or 0.0))
        try:
            text = self._cluster.log(name, since)
        except AirdubError as error:
            self.log.warning("The end of the log could not be read: %s", error.what)
            return
        hand_on(text, str(event.get("read_until") or ""), report, final=True)
        TaskProgress(work.context["ti"].xcom_push, self.log).tell(report.progress)

    def _remove(self, pod: Pod | None, *, keep: bool) -> None:
        if pod is None:
            return
        name = pod["metadata"]["name"]
        end = ended(pod, utc_now())
        try:
            if keep and is_over(pod):
                self._cluster.mark_kept(name)
                self.log.info("Kept pod %s", name)
            else:
                self._cluster.delete(name, lost=end is not None and end.cause == "NodeLost")
        except AirdubError as error:
            self.log.warning("Pod %s was not deleted, the sweeper will: %s", name, error.what)

    def _tidy(self, work: Work) -> None:
        """Delete what an earlier try left that was killed before it could."""
        try:
            for pod in self._mine(work):
                if KEPT not in pod["metadata"]["labels"]:
                    self._remove(pod, keep=False)
        except AirdubError as error:
            self.log.warning("Pods of earlier tries are left to the sweeper: %s", error.what)

    # clients

    @cached_property
    def _cluster(self) -> Cluster:
        return Cluster(self.client, self._namespace)

    @property
    def _in_cluster(self) -> bool:
        self.hook.core_v1_client  # noqa: B018 - the hook knows once it has a client
        return bool(self.hook.is_in_cluster)

    @cached_property
    def _async_hook(self) -> AsyncKubernetesHook:
        from airflow.providers.cncf.kubernetes.hooks.kubernetes import AsyncKubernetesHook

        return AsyncKubernetesHook(
            conn_id=self.kubernetes_conn_id,
            connection_extras=self.hook.conn_extras,  # type: ignore[attr-defined]
            in_cluster=True if self._in_cluster else None,
        )
