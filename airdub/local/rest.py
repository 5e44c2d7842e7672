"""A small client of Airflow's REST API: what the commands need of it."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from airdub.errors import DependencyUnavailable, InvalidInput

if TYPE_CHECKING:
    import httpx

_TIMEOUT_S = 90.0  # longer than its SQLite waits for a lock
_TRIES = 4
_FIRST_WAIT_S = 0.5
_COMPONENTS = {
    "scheduler": "scheduler",
    "triggerer": "triggerer",
    "dag_processor": "dag-processor",
}


class AirflowApi:
    """Airflow's REST API, logged in on first use.

    Args:
        url: where Airflow answers.
        user, password: of the simple auth manager.
    """

    def __init__(self, url: str, user: str, password: str) -> None:
        self.url = url
        self._user = user
        self._password = password

    def unhealthy_components(self, since: datetime) -> list[str] | None:
        """Names of components without a sign of health since then; None when no API answers."""
        import httpx

        try:
            answer = httpx.get(f"{self.url}/api/v2/monitor/health", timeout=_TIMEOUT_S)
            answer.raise_for_status()
        except httpx.HTTPError:
            return None
        health = answer.json()
        return [
            name
            for key, name in _COMPONENTS.items()
            if health[key]["status"] != "healthy"
            or not _later(health[key][f"latest_{key}_heartbeat"], since)
        ]

    def has_dag(self, dag_id: str, since: datetime) -> bool:
        """Whether the DAG was parsed since then.

        Raises:
            InvalidInput: its file can't be imported.
        """
        answer = self._request("GET", f"/api/v2/dags/{dag_id}")
        if answer.is_success and _later(answer.json()["last_parsed_time"], since):
            return True
        errors = self._get("/api/v2/importErrors")["import_errors"]
        for error in errors:
            if _later(error["timestamp"], since):
                raise InvalidInput(
                    f"the DAG file can't be imported: {error['stack_trace'].strip()}",
                    where=error["filename"],
                    remedy="correct the file",
                )
        return False

    def ensure_pools(self, pools: dict[str, int], *, include_deferred: bool = False) -> None:
        """Create the pools, or set their slots.

        Args:
            include_deferred: tasks that wait without a worker take slots too.
        """
        for name, slots in pools.items():
            body = {"name": name, "slots": slots, "include_deferred": include_deferred}
            answer = self._request("GET", f"/api/v2/pools/{name}")
            if answer.status_code == 404:
                self._checked(self._request("POST", "/api/v2/pools", json=body))
            elif self._checked(answer)["slots"] != slots:
                self._checked(self._request("PATCH", f"/api/v2/pools/{name}", json=body))

    def trigger(self, dag_id: str, run_id: str, conf: dict[str, Any]) -> None:
        """Start a run; one of that id that is there already is left alone.

        Raises:
            InvalidInput: the DAG is paused, or a parameter is refused, in Airflow's words.
        """
        if self._get(f"/api/v2/dags/{dag_id}")["is_paused"]:
            raise InvalidInput(
                f"{dag_id} is paused, so its runs would wait",
                where=self.url,
                remedy="unpause it there",
            )
        body = {"dag_run_id": run_id, "logical_date": None, "conf": conf}
        answer = self._request("POST", f"/api/v2/dags/{dag_id}/dagRuns", json=body)
        if answer.status_code != 409:
            self._checked(answer)

    def run_state(self, dag_id: str, run_id: str) -> str:
        """`queued`, `running`, `success` or `failed`."""
        return str(self._get(f"/api/v2/dags/{dag_id}/dagRuns/{run_id}")["state"])

    def task_instances(self, dag_id: str, run_id: str) -> list[dict[str, Any]]:
        """The run's task instances as Airflow describes them."""
        answer = self._get(f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances?limit=100")
        return list(answer["task_instances"])

    def xcom(self, dag_id: str, run_id: str, task_id: str, key: str) -> Any:
        """What a task told under a key, or handed on; None before it did."""
        answer = self._request(
            "GET",
            f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/xcomEntries/{key}",
            params={"deserialize": "true"},
        )
        return answer.json()["value"] if answer.status_code == 200 else None

    @cached_property
    def _client(self) -> httpx.Client:
        import httpx

        return httpx.Client(base_url=self.url, timeout=_TIMEOUT_S)

    def _login(self) -> None:
        login = {"username": self._user, "password": self._password}
        answer = self._checked(self._client.post("/auth/token", json=login))
        self._client.headers["Authorization"] = f"Bearer {answer['access_token']}"

    def _request(self, method: str, path: str, **request: Any) -> httpx.Response:
        """Send a request, logging in when we aren't yet or no longer are.

        While Airflow says that it couldn't (its SQLite is locked at times), the request is sent
        again: whatever we ask for has a name, so asking twice is asking once.
        """
        import httpx
        from tenacity import Retrying, retry_if_result, stop_after_attempt, wait_exponential

        patiently = Retrying(
            retry=retry_if_result(lambda answer: answer.is_server_error),
            stop=stop_after_attempt(_TRIES),
            wait=wait_exponential(multiplier=_FIRST_WAIT_S),
            retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
        )
        try:
            answer: httpx.Response = patiently(self._client.request, method, path, **request)
            if answer.status_code == 401:
                self._login()
                answer = patiently(self._client.request, method, path, **request)
        except httpx.TransportError as error:
            raise DependencyUnavailable(
                f"Airflow does not answer: {error}",
                where=self.url,
                remedy="see `airdub status`; `airdub up` starts it",
            ) from error
        return answer

    def _get(self, path: str) -> Any:
        return self._checked(self._request("GET", path))

    def _checked(self, answer: httpx.Response) -> Any:
        if answer.is_success:
            return answer.json()
        error = InvalidInput if answer.is_client_error else DependencyUnavailable
        raise error(
            f"Airflow answers {answer.status_code}: {_detail(answer)}",
            where=str(answer.request.url),
        )


def _detail(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return answer.text[:300]


def _later(stamp: str | None, since: datetime) -> bool:
    """Whether Airflow's time stamp is there and not before `since`."""
    return bool(stamp) and datetime.fromisoformat(str(stamp)) >= since
