"""An own Airflow as docker-compose.yaml starts it: PostgreSQL, Redis, Celery workers and S3.

Every component runs below a guard, as it runs in a container of its own there: when its main
process dies, nothing of it is left.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from airdub.artifacts import ArtifactStore
from airdub.local.guard import children
from airdub.local.home import ADMIN, base_url
from airdub.local.rest import AirflowApi
from airdub.local.service import DAG_ID, reserve_port
from airdub.s3 import split_address
from airdub.settings import PROJECT
from tests.integration.installation import Installation, eventually, stat_fields
from tests.postgres import PostgresServer

CONFIGURATION = PROJECT / "deploy" / "compose" / "airflow.cfg"
_GUARD = PROJECT / "airdub" / "local" / "guard.py"
_START_LIMIT_S = 240
_STOP_LIMIT_S = 30

_QUICK = {
    "SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "10",
    "SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "2",
    "SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.3",
    "CELERY_BROKER_TRANSPORT_OPTIONS__VISIBILITY_TIMEOUT": "30",
    "CELERY_BROKER_TRANSPORT_OPTIONS__UNACKED_RESTORE_INTERVAL": "5",
    "CELERY_BROKER_TRANSPORT_OPTIONS__UNACKED_RESTORE_THROTTLE": "1",
    "WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
    "DAG_PROCESSOR__REFRESH_INTERVAL": "10",
}
"""What the test sets otherwise than compose does, so that it takes minutes: pauses alone."""


class CeleryAirflow(Installation):
    """All components; `start` starts them, `stop` ends them.

    Args:
        folder: of all that is written.
        postgres: server for Airflow's database and the catalogue.
        broker: URL of Redis.
        store: root of the artifact store.
        environment: further variables.

    Attributes:
        secrets: what must be in no log.
    """

    def __init__(
        self, folder: Path, postgres: PostgresServer, broker: str, store: str, **environment: str
    ) -> None:
        super().__init__(folder, AIRDUB_DISPATCH_S="86400", **environment)
        self._home = folder / "airflow"
        self._home.mkdir()
        shutil.copy(CONFIGURATION, self._home)
        port, self._reservation = reserve_port(0)
        self.url = base_url(port)
        password = secrets.token_urlsafe(24)
        (self._home / "passwords.json").write_text(json.dumps({ADMIN: password}))
        self.api = AirflowApi(self.url, ADMIN, password)
        self.catalog = postgres.new_database()
        self.database = postgres.new_database()
        keys = {name: secrets.token_urlsafe(48) for name in ("jwt_secret", "secret_key")}
        self.secrets = [password, broker, broker.split(":")[2].partition("@")[0], *keys.values()]
        database = self.database.replace("postgresql://", "postgresql+psycopg://")
        configuration = _QUICK | {
            "CORE__DAGS_FOLDER": str(PROJECT / "dags"),
            "CORE__PLUGINS_FOLDER": str(PROJECT / "plugins"),
            "CORE__EXECUTION_API_SERVER_URL": f"{self.url}/execution/",
            "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(self._home / "passwords.json"),
            "CORE__FERNET_KEY": "",
            "DATABASE__SQL_ALCHEMY_CONN": database,
            "DATABASE__SQL_ALCHEMY_CONN_ASYNC": database,
            "API__HOST": "127.0.0.1",
            "API__PORT": str(port),
            "API__BASE_URL": self.url,
            "API__SECRET_KEY": keys["secret_key"],
            "API_AUTH__JWT_SECRET": keys["jwt_secret"],
            "LOGGING__BASE_LOG_FOLDER": str(self._home / "logs"),
            "CELERY__BROKER_URL": broker,
            "CELERY__WORKER_CONCURRENCY": "2",
        }
        self.environment |= {
            **{f"AIRFLOW__{name}": value for name, value in configuration.items()},
            "AIRFLOW_HOME": str(self._home),
            "AIRDUB_STORE": store,
            "AIRDUB_CATALOG": self.catalog,
            "PYTHONPATH": str(PROJECT),
        }
        self.store = ArtifactStore(store)
        self._guards: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def logs(self) -> list[Path]:
        """Every log, of components and of tasks."""
        return [*self.folder.glob("*.log"), *(self._home / "logs").rglob("*.log")]

    def make_bucket(self) -> None:
        """Make the store's bucket."""
        import boto3

        boto3.client("s3").create_bucket(Bucket=split_address(self.store.url)[0])

    def start(self) -> None:
        """Start everything with two workers; return once it is healthy."""
        started = datetime.now(UTC)
        self._launch("migrate", "db", "migrate")
        assert self._guards.pop("migrate").wait(_START_LIMIT_S) == 0
        self._launch("api-server", "api-server")
        self._launch("dag-processor", "dag-processor")
        self._launch("scheduler", "scheduler", "--skip-serve-logs", after_api=True)
        self._launch("triggerer", "triggerer", "--skip-serve-logs", after_api=True)
        for name in ("one", "two"):
            self.start_worker(name)
        assert eventually(lambda: self._is_up(started), _START_LIMIT_S)
        self.api.ensure_pools({"airdub_cpu": 4})

    def start_worker(self, name: str) -> None:
        """Start a worker."""
        pid_file = str(self.folder / f"{name}.pid")
        words = ("--celery-hostname", name, "--pid", pid_file, "--skip-serve-logs")
        self._launch(name, "celery", "worker", *words)

    def worker_of(self, pid: int) -> str:
        """The name of the worker that a process descends from."""
        guards = {guard.pid: name for name, guard in self._guards.items()}
        while pid not in guards:
            pid = int(stat_fields(Path(f"/proc/{pid}"))[1])
        return guards[pid]

    def signal_worker(self, name: str, number: signal.Signals) -> None:
        """Send a signal to a worker's main process."""
        [main] = children(self._guards[name].pid)
        os.kill(main, number)

    def exit_code(self, name: str, limit_s: float) -> int:
        """Wait for a component to end."""
        return self._guards.pop(name).wait(limit_s)

    def stop(self) -> None:
        """End everything."""
        for guard in self._guards.values():
            guard.terminate()
        for guard in self._guards.values():
            guard.wait(_STOP_LIMIT_S)
        self._guards.clear()
        self._reservation.close()

    def _is_up(self, since: datetime) -> bool:
        ended = [name for name, guard in self._guards.items() if guard.poll() is not None]
        assert not ended, f"{ended} ended; their logs are in {self.folder}"
        return self.api.unhealthy_components(since) == [] and self.api.has_dag(DAG_ID, since)

    def _launch(self, name: str, *words: str, after_api: bool = False) -> None:
        after = ["--after", f"{self.url}/api/v2/version"] if after_api else []
        with (self.folder / f"{name}.log").open("ab") as log:
            self._guards[name] = subprocess.Popen(
                [sys.executable, "-S", "-E", str(_GUARD), "--with-parent", *after, "--",
                 sys.executable, "-m", "airflow", *words],
                env=self.environment, cwd=self.project, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self.sessions.add(str(self._guards[name].pid))
