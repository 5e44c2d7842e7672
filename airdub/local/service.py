"""Starting and stopping the supervised local Airflow."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from airdub.catalog.addresses import safe_url
from airdub.errors import DependencyUnavailable, InvalidInput, TemporaryFailure
from airdub.local.home import AirflowHome, base_url, write_private
from airdub.local.rest import AirflowApi
from airdub.settings import DEFAULT_PORT, PROJECT, Settings

COMPONENTS = ("api-server", "scheduler", "triggerer", "dag-processor")
DAG_ID = "dub_video"
_GUARD = Path(__file__).with_name("guard.py")
_START_LIMIT_S = 180.0
_STOP_LIMIT_S = 40.0

Report = Callable[[str], None]


@dataclass(frozen=True)
class Running:
    """A local Airflow that was started: its outermost guard, its port, its store, and when.

    Attributes:
        catalog: its catalogue's URL, without a password.
    """

    pid: int
    port: int
    store_url: str
    started: str
    catalog: str = ""

    @property
    def url(self) -> str:
        """Where it answers."""
        return base_url(self.port)


class LocalAirflow:
    """The local Airflow of one `var/` folder.

    Args:
        settings: of the installation.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.home = AirflowHome(settings)
        self._record = self.home.run / "airflow.json"

    def running(self) -> Running | None:
        """What is running, None when nothing is."""
        try:
            record = json.loads(self._record.read_text())
        except FileNotFoundError:
            return None
        found = Running(**record)
        return found if _is_guard(found.pid) else None

    def api(self, running: Running) -> AirflowApi:
        """A client that logs in as the admin."""
        return AirflowApi(running.url, "admin", self.home.password)

    def up(self, report: Report) -> Running:
        """Start it unless it runs; return once every component is healthy and the DAG is there.

        Args:
            report: called with a line of progress.

        Raises:
            InvalidInput: the port is taken, or it runs with another store or catalogue.
            DependencyUnavailable: a component doesn't get healthy.
        """
        with self._lock():
            found = self.running()
            if found is None:
                found = self._start(report)
            _refuse_other("AIRDUB_STORE", found.store_url, self._settings.store_url)
            _refuse_other("AIRDUB_CATALOG", found.catalog, safe_url(self._settings.catalog_url))
            self._wait_until_healthy(found, report)
        return found

    def down(self, report: Report) -> bool:
        """Stop it; nothing that it started is left. Returns whether it ran."""
        with self._lock():
            found = self.running()
            if found is None:
                return False
            report("stopping Airflow")
            os.kill(found.pid, signal.SIGTERM)
            limit = time.monotonic() + _STOP_LIMIT_S
            while _is_guard(found.pid):
                if time.monotonic() > limit:
                    raise TemporaryFailure(
                        f"Airflow (pid {found.pid}) does not stop",
                        where=str(self.home.log / "supervisord.log"),
                        remedy="run `make down` again",
                    )
                time.sleep(0.2)
            self._record.unlink(missing_ok=True)
        return True

    def component_states(self) -> dict[str, str]:
        """The supervisor's word on each process: RUNNING, STARTING, BACKOFF, FATAL, ..."""
        from xmlrpc.client import ServerProxy

        from supervisor.xmlrpc import SupervisorTransport  # type: ignore[import-untyped]

        transport = SupervisorTransport("", "", serverurl=f"unix://{self.home.socket}")
        try:
            with ServerProxy("http://127.0.0.1", transport=transport) as server:
                processes: Any = server.supervisor.getAllProcessInfo()
        except OSError:
            return {}
        return {str(one["name"]): str(one["statename"]) for one in processes}

    def _start(self, report: Report) -> Running:
        port, reservation = reserve_port(self._settings.port)
        report(f"preparing Airflow in {self.home.path}")
        self.home.prepare(port)
        self.home.migrate()
        report("starting Airflow")
        started = datetime.now(UTC).isoformat()
        with reservation, (self.home.log / "guard.log").open("ab") as log:
            guard = subprocess.Popen(
                [
                    *(sys.executable, "-S", "-E", str(_GUARD), "--"),
                    *(sys.executable, "-m", "supervisor.supervisord"),
                    *("-c", str(PROJECT / "deploy" / "local" / "supervisord.conf")),
                ],
                env=self.home.environment(port),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                pass_fds=(reservation.fileno(),),
            )
        catalog = safe_url(self._settings.catalog_url)
        running = Running(guard.pid, port, self._settings.store_url, started, catalog)
        write_private(self._record, json.dumps(asdict(running)))
        return running

    def _wait_until_healthy(self, running: Running, report: Report) -> None:
        api = self.api(running)
        began = time.monotonic()
        told = ""
        while waiting := _not_ready(api, datetime.fromisoformat(running.started)):
            line = f"waiting for {', '.join(waiting)}"
            if line != told:
                report(line)
                told = line
            self._check_start(running, time.monotonic() - began)
            time.sleep(0.4)
        api.ensure_pools(pools())
        if self._settings.runtime == "kubernetes":
            api.ensure_pools(self._settings.pods.pools, include_deferred=True)

    def _check_start(self, running: Running, waited_s: float) -> None:
        states = self.component_states()
        fatal = [name for name, state in states.items() if state == "FATAL"]
        gone = not _is_guard(running.pid)
        if not (fatal or gone or waited_s > _START_LIMIT_S):
            return
        what = (
            f"{', '.join(fatal)} failed to start"
            if fatal
            else "the supervisor ended"
            if gone
            else f"Airflow is not healthy after {waited_s:.0f} s ({states or 'no supervisor'})"
        )
        raise DependencyUnavailable(
            what,
            where=str(self.home.log),
            remedy="read the logs there, then `make down` and `make up`",
        )

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """One `up` or `down` at a time."""
        self.home.run.mkdir(parents=True, exist_ok=True)
        with (self.home.run / "service.lock").open("w") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            yield


def _refuse_other(variable: str, theirs: str, ours: str) -> None:
    if theirs != ours:
        raise InvalidInput(
            f"Airflow runs with {theirs or 'an older version of airdub'}",
            where=f"{variable} {ours}",
            remedy="stop it first (`airdub down`), or use its own",
        )


def _not_ready(api: AirflowApi, since: datetime) -> list[str]:
    """What the start still waits for."""
    unhealthy = api.unhealthy_components(since)
    if unhealthy is None:
        return ["api-server"]
    return unhealthy or ([] if api.has_dag(DAG_ID, since) else [f"DAG {DAG_ID}"])


def pools() -> dict[str, int]:
    """Slots by pool: stages take as many of `airdub_cpu` as the cores that they use."""
    return {"airdub_cpu": max(2, os.cpu_count() or 1)}


def reserve_port(wanted: int) -> tuple[int, socket.socket]:
    """The wanted port, or for 0 the first free one from 8080 on, and its reservation.

    Airflow takes seconds to bind its port. Until then, and as long as the reservation's descriptor
    is open in any process, no other `airdub up` on this machine chooses the same one.

    Raises:
        InvalidInput: it is taken.
    """
    candidates = [wanted] if wanted else range(DEFAULT_PORT, DEFAULT_PORT + 20)
    for port in candidates:
        reservation = socket.socket(socket.AF_UNIX)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
                reservation.bind(f"\0airdub-port-{port}")  # abstract: gone with its last holder
            except OSError:
                reservation.close()
                continue
            return port, reservation
    raise InvalidInput(
        f"port {wanted or f'{DEFAULT_PORT} to {DEFAULT_PORT + 19}'} of 127.0.0.1 is taken",
        where="AIRDUB_PORT",
        remedy="choose a free one: AIRDUB_PORT=9090 make up",
    )


def _is_guard(pid: int) -> bool:
    """Whether the process is a live guard of a supervisor, not another one with a reused pid."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z" and os.fsencode(_GUARD) in command
