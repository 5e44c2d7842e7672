"""A stage as a local process: its whole family lives and dies together."""

from __future__ import annotations

import math
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

_STOP_GRACE_S = 3.0
"""Airflow kills a stopped task after 5 s: the stage must be gone before."""

_BLOCK = 1 << 16
_LONGEST_WAIT_S = 3600.0


class StageProcess:
    """A process in its own session; killed by the kernel when the starting thread dies.

    Start it from the main thread: the kernel's death signal is bound to the starting thread.

    Args:
        command: program and arguments.
        environment: its variables.
        folder: its working directory.
    """

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], folder: Path
    ) -> None:
        self._process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "--", *command],
            env=dict(environment),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def run(self, on_line: Callable[[str], None], limit_s: float = math.inf) -> int:
        """Forward lines of output until the process ends, then end what is left of its group.

        Args:
            limit_s: how long it may take.

        Returns:
            Its exit code, negative for the signal that killed it.

        Raises:
            TimeoutError: it took longer, and was stopped.
        """
        try:
            self._forward(on_line, time.monotonic() + limit_s)
        finally:
            self.stop()  # before the process is reaped: its group's number can't be reused yet
            exit_code = self._process.wait()
            if self._process.stdout:
                self._process.stdout.close()
        return exit_code

    def stop(self) -> None:
        """TERM the group, then KILL what is left of it. Safe inside a signal handler and twice."""
        if self._process.returncode is not None:
            return
        if not self._ended():
            self._signal(signal.SIGTERM)
            limit = time.monotonic() + _STOP_GRACE_S
            while not self._ended() and time.monotonic() < limit:
                time.sleep(0.05)
        self._signal(signal.SIGKILL)

    def _forward(self, on_line: Callable[[str], None], until: float) -> None:
        """Read until the process has ended, even if a descendant keeps the pipe open."""
        pipe = self._process.stdout
        if pipe is None:  # pragma: no cover - Popen was given a pipe
            return
        os.set_blocking(pipe.fileno(), False)
        lines = _Lines(on_line)
        ended = os.pidfd_open(self._process.pid)
        try:
            with selectors.DefaultSelector() as selector:
                selector.register(pipe, selectors.EVENT_READ)
                selector.register(ended, selectors.EVENT_READ)
                open_pipe = True
                while True:
                    left_s = min(until - time.monotonic(), _LONGEST_WAIT_S)
                    ready = {key.fd for key, _ in selector.select(left_s)}
                    if open_pipe and not lines.drain(pipe.fileno()):
                        selector.unregister(pipe)
                        open_pipe = False
                    if ended in ready:
                        break
                    if time.monotonic() >= until:
                        raise TimeoutError
        finally:
            os.close(ended)
        lines.finish()

    def _ended(self) -> bool:
        """Whether the process has ended; leaves it to `wait`, whose lock a handler can't take."""
        try:
            flags = os.WEXITED | os.WNOHANG | os.WNOWAIT
            return os.waitid(os.P_PID, self._process.pid, flags) is not None
        except ChildProcessError:
            return True

    def _signal(self, number: signal.Signals) -> None:
        try:
            os.killpg(self._process.pid, number)
        except ProcessLookupError:
            return  # nobody is left in the group


class _Lines:
    """Cuts a stream of bytes into lines of text."""

    def __init__(self, on_line: Callable[[str], None]) -> None:
        self._on_line = on_line
        self._rest = b""

    def drain(self, descriptor: int) -> bool:
        """Read all there is now. Returns False at the stream's end."""
        while True:
            try:
                block = os.read(descriptor, _BLOCK)
            except BlockingIOError:
                return True
            if not block:
                return False
            *complete, self._rest = (self._rest + block).split(b"\n")
            for line in complete:
                self._on_line(line.decode("utf-8", "replace"))

    def finish(self) -> None:
        """Hand on a last line without an end."""
        if self._rest:
            self._on_line(self._rest.decode("utf-8", "replace"))
            self._rest = b""
