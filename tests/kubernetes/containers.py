"""How a pod's container becomes a process on this machine."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from multiprocessing import connection, get_context
from pathlib import Path
from typing import IO, Any, Protocol

from tests.airflow_home import PROJECT

_FORKS = get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.fakes.stage_python", "boto3", "s3fs"])
_lock = threading.Lock()
"""multiprocessing's own records of its children are not made for threads."""


class Container(Protocol):
    """A process in a session of its own; `stdout` is all that it says.

    `poll` gives its exit code, negative for a signal; None while it runs. `wait` waits for that.
    """

    stdout: IO[str] | None

    @property
    def pid(self) -> int: ...

    def poll(self) -> int | None: ...

    def wait(self) -> int: ...

    def kill(self) -> None: ...


Image = Callable[[Sequence[str], Mapping[str, str]], Container]
"""Starts a container: arguments after `python`, and its whole environment."""


def image_of(python: Path) -> Image:
    """An image whose Python is this one."""

    def start(arguments: Sequence[str], environment: Mapping[str, str]) -> Container:
        return subprocess.Popen(
            [str(python), *arguments],
            env=environment,
            cwd=PROJECT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )

    return start


class FakeStage:
    """`tests.fakes.stage_python` in a process that is forked off one that has loaded it.

    It is as real a process as another; but starting Python anew for each pod of the failure matrix
    would take most of its time.
    """

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
        reader, writer = _FORKS.Pipe(duplex=False)
        played = (writer, dict(environment), list(arguments))
        self._process = _FORKS.Process(target=_play, args=played, daemon=True)
        with _lock:
            self._process.start()
        while not _leads(self.pid):  # who is to be killed before would not be found
            time.sleep(0.001)
        writer.close()
        self.stdout: IO[str] | None = os.fdopen(os.dup(reader.fileno()), errors="replace")
        reader.close()

    @property
    def pid(self) -> int:
        return self._process.pid or 0

    def poll(self) -> int | None:
        with _lock:
            return self._process.exitcode

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> int:
        connection.wait([self._process.sentinel])
        code = self.poll()
        assert code is not None
        return code


def _leads(pid: int) -> bool:
    """Whether a process has a session of its own; one that is gone had."""
    try:
        return os.getsid(pid) == pid
    except ProcessLookupError:
        return True


def _play(writer: Any, environment: dict[str, str], arguments: list[str]) -> None:
    """Be the container's first process."""
    from tests.fakes.stage_python import main

    os.setsid()
    os.dup2(writer.fileno(), 1)
    os.dup2(writer.fileno(), 2)
    writer.close()
    os.environ.clear()
    os.environ.update(environment)
    raise SystemExit(main(arguments))
