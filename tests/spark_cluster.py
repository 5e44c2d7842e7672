"""A real standalone Spark for tests: a master and workers on 127.0.0.1, with a secret."""

from __future__ import annotations

import os
import re
import secrets
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.airflow_home import PROJECT

STAGES_PYTHON = PROJECT / ".venv-stages" / "bin" / "python"
_SPARK = STAGES_PYTHON.parents[1] / "lib/python3.11/site-packages/pyspark"
_DEPLOY = "org.apache.spark.deploy"
_START_LIMIT_S = 60


@dataclass(frozen=True)
class Worker:
    """A machine: a worker, and all that it starts."""

    process: subprocess.Popen[bytes]

    def lose(self) -> None:
        """It goes, with everything that runs on it, at once."""
        own = descendants(self.process.pid)
        self.process.kill()
        self.process.wait()
        for pid in own:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


@dataclass(frozen=True)
class Cluster:
    """A master with its workers.

    Attributes:
        properties: file with the secret.
    """

    master: str
    properties: Path
    workers: tuple[Worker, ...]

    def executors(self) -> list[int]:
        """Processes of executors, and of all that they started."""
        found = [pid for worker in self.workers for pid in descendants(worker.process.pid)]
        return sorted(found)


@contextmanager
def spark_cluster(folder: Path, workers: int = 2) -> Iterator[Cluster]:
    """Start a cluster of workers with a core each; it ends with this process, however that ends."""
    properties = folder / "spark.conf"
    properties.write_text(
        f"spark.authenticate true\nspark.authenticate.secret {secrets.token_hex(16)}\n"
        "spark.master.rest.enabled false\n"
    )
    started: list[subprocess.Popen[bytes]] = []
    try:
        log = folder / "master.log"
        options: list[object] = ["--host", "127.0.0.1", "--port", "0", "--webui-port", "0"]
        started.append(_start("master.Master", [*options, "--properties-file", properties], log))
        master = _said(log, r"Starting Spark master at (spark://\S+)")
        folders = [folder / f"worker-{number}" for number in range(workers)]
        for own in folders:
            options = ["--host", "127.0.0.1", "--webui-port", "0", "--cores", "1", "--memory", "1g"]
            options += ["--work-dir", own, "--properties-file", properties, master]
            log = own.with_suffix(".log")
            started.append(_start("worker.Worker", options, log, SPARK_LOCAL_DIRS=str(own)))
        for own in folders:
            _said(own.with_suffix(".log"), r"(Successfully registered) with master")
        yield Cluster(master, properties, tuple(map(Worker, started[1:])))
    finally:
        for process in started:
            Worker(process).lose()


def descendants(pid: int) -> list[int]:
    """All processes that a process has started, and those that they have."""
    rows = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True)
    parents = [tuple(map(int, row.split())) for row in rows.stdout.splitlines()]
    found, left = [], [pid]
    while left:
        children = [child for child, parent in parents if parent == left[0]]
        found += children
        left = [*left[1:], *children]
    return found


def _start(
    name: str, options: Sequence[object], log: Path, **variables: str
) -> subprocess.Popen[bytes]:
    variables |= {
        "SPARK_HOME": str(_SPARK),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_DAEMON_MEMORY": "256m",
        "SPARK_DAEMON_JAVA_OPTS": "-XX:+UseSerialGC -XX:TieredStopAtLevel=1",
    }
    with log.open("wb") as stream:
        return subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "--",
             str(_SPARK / "bin" / "spark-class"), f"{_DEPLOY}.{name}", *map(str, options)],
            env=os.environ | variables,
            cwd=log.parent, stdout=stream, stderr=stream, start_new_session=True,
        )  # fmt: skip


def _said(log: Path, pattern: str) -> str:
    """What a process says once it is up."""
    limit = time.monotonic() + _START_LIMIT_S
    while not (found := re.search(pattern, log.read_text())):
        if time.monotonic() > limit:
            raise RuntimeError(f"Spark did not start: {log.read_text()}")
        time.sleep(0.1)
    return found[1]
