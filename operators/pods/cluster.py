"""The few calls that a worker makes to the Kubernetes API, with patience where it falters."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from airdub.errors import AirdubError, DependencyUnavailable, EngineFailed, Interrupted
from operators.pods.spec import CONTAINER

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")

PATIENCE_S = 90.0
"""How long one call is repeated while the API falters."""

PAUSE_S = 0.5
"""Before the first repetition; about twice as long before each further one."""

CALL_TIMEOUT_S = (5.0, 30.0)
"""For connecting, and for an answer."""

MOST_LOG_BYTES = 1 << 24

_NO_GRACE = 0
_KEPT = {"metadata": {"labels": {"airdub/kept": "true"}}}


class Cluster:
    """Pods of one namespace, as the API's JSON objects.

    Every call is repeated for a while when the API is overloaded, breaks off or does not answer.

    Args:
        api: the client of Airflow's Kubernetes connection.
        namespace: of all pods.
    """

    def __init__(self, api: Any, namespace: str) -> None:
        self._api = api
        self._namespace = namespace

    def pods(self, label_selector: str) -> list[dict[str, Any]]:
        """All pods with the labels, oldest first."""
        found = self._patiently(
            lambda: self._api.list_namespaced_pod(
                self._namespace, label_selector=label_selector, _request_timeout=CALL_TIMEOUT_S
            )
        )
        plain = [self._plain(pod) for pod in found.items]
        return sorted(plain, key=lambda pod: str(pod["metadata"].get("creationTimestamp")))

    def read(self, name: str) -> dict[str, Any] | None:
        """A pod; None when there is none."""
        return self._or_none(
            lambda: self._plain(
                self._api.read_namespaced_pod(
                    name, self._namespace, _request_timeout=CALL_TIMEOUT_S
                )
            )
        )

    def create(self, pod: Any) -> dict[str, Any] | None:
        """Create a pod; None when one of that name is there already.

        So repeating a call whose answer was lost never makes a second pod.
        """
        from kubernetes.client.exceptions import ApiException  # type: ignore[import-untyped]

        try:
            made = self._patiently(
                lambda: self._api.create_namespaced_pod(
                    self._namespace, pod, _request_timeout=CALL_TIMEOUT_S
                )
            )
        except ApiException as error:
            if error.status == 409:
                return None
            raise refused(error) from error
        return self._plain(made)

    def delete(self, name: str, *, lost: bool = False) -> None:
        """Delete a pod; one that is gone is fine.

        Args:
            lost: its node does not answer: the API forgets it at once.
        """
        grace = {"grace_period_seconds": _NO_GRACE} if lost else {}
        self._or_none(
            lambda: self._api.delete_namespaced_pod(
                name, self._namespace, _request_timeout=CALL_TIMEOUT_S, **grace
            )
        )

    def mark_kept(self, name: str) -> None:
        """Say of a failed pod that it was looked at; one that is gone is fine."""
        self._or_none(
            lambda: self._api.patch_namespaced_pod(
                name, self._namespace, _KEPT, _request_timeout=CALL_TIMEOUT_S
            )
        )

    def log(self, name: str, since_seconds: int | None) -> str:
        """The stage's log with timestamps; "" when the pod is gone or has none."""
        options = {} if since_seconds is None else {"since_seconds": since_seconds}
        answer = self._or_none(
            lambda: (
                self._api.read_namespaced_pod_log(
                    name,
                    self._namespace,
                    container=CONTAINER,
                    timestamps=True,
                    limit_bytes=MOST_LOG_BYTES,
                    _preload_content=False,
                    _request_timeout=CALL_TIMEOUT_S,
                    **options,
                ).data
            )
        )
        return (answer or b"").decode("utf-8", "replace")

    def _or_none(self, call: Callable[[], Answer]) -> Answer | None:
        from kubernetes.client.exceptions import ApiException

        try:
            return self._patiently(call)
        except ApiException as error:
            if error.status == 404:
                return None
            raise refused(error) from error

    def _patiently(self, call: Callable[[], Answer]) -> Answer:
        import tenacity
        from urllib3.exceptions import HTTPError

        attempts = tenacity.Retrying(
            stop=tenacity.stop_after_delay(PATIENCE_S),
            wait=tenacity.wait_exponential_jitter(multiplier=PAUSE_S, jitter=PAUSE_S, max=15),
            retry=tenacity.retry_if_exception(falters),
            before_sleep=tenacity.before_sleep_log(log, logging.WARNING),
            reraise=True,
        )
        try:
            return attempts(call)
        except (HTTPError, OSError) as error:
            raise DependencyUnavailable(
                f"the Kubernetes API does not answer: {type(error).__name__}",
                where=str(self._api.api_client.configuration.host),
                remedy="check that it runs; this task tries again",
            ) from error

    def _plain(self, pod: Any) -> dict[str, Any]:
        plain: dict[str, Any] = self._api.api_client.sanitize_for_serialization(pod)
        return plain


def falters(error: BaseException) -> bool:
    """Whether a call may succeed when it is repeated."""
    from urllib3.exceptions import HTTPError

    status = getattr(error, "status", None)
    if isinstance(status, int):
        return status in (0, 408, 429) or status >= 500
    return isinstance(error, HTTPError | OSError)


def refused(error: Any) -> AirdubError:
    """The error for an answer of the API that repeating won't change soon."""
    text = f"{error.status} {error.reason}"
    said = str(error.body or "")[:500]
    if error.status == 403 and "exceeded quota" in said:
        remedy = "wait, or raise the quota; it is tried again"
        return Interrupted("the namespace's quota is used up", where=said, remedy=remedy)
    if error.status in (400, 422):
        remedy = "report this: airdub wrote a pod that the cluster does not take"
        return EngineFailed(f"the Kubernetes API refused a pod: {text}", where=said, remedy=remedy)
    return DependencyUnavailable(
        f"the Kubernetes API refused: {text}",
        where=said,
        remedy="check the connection's account, its rights and the namespace; it is tried again",
    )


def utc_now() -> datetime:
    """Now, to compare with the API's times."""
    return datetime.now(UTC)
