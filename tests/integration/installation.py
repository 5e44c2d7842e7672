"""An own Airflow, an own store, and a stages' interpreter of small results: whole, and killable."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from airdub.artifacts import ArtifactStore
from airdub.local.service import LocalAirflow, Running
from airdub.settings import PROJECT, load_settings
from tests.fakes.stage_python import install

AIRDUB = [sys.executable, "-c", "from airdub.cli import app; app()"]


class Installation:
    """A folder with an own Airflow, an own store, and a stages' interpreter of small results.

    Args:
        project: the checkout that runs.
        environment: further variables.
    """

    def __init__(self, folder: Path, project: Path = PROJECT, **environment: str) -> None:
        self.folder = folder
        self.project = project
        self.fakes = folder / "fakes"
        self.fakes.mkdir()
        self.environment = {
            **{name: value for name, value in os.environ.items() if "AIRFLOW" not in name},
            "AIRDUB_VAR": str(folder / "var"),
            "AIRDUB_STAGES_PYTHON": str(install(folder)),
            "FAKE_FOLDER": str(self.fakes),
            **environment,
        }
        for name in ("AIRDUB_STORE", "AIRDUB_CATALOG"):
            self.environment.pop(name, None)
        self.sessions: set[str] = set()
        self.airflow = LocalAirflow(load_settings(self.environment))
        self.store = ArtifactStore(load_settings(self.environment).store_url)

    def airdub(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command, without a terminal."""
        return subprocess.Popen(
            [*AIRDUB, *arguments],
            env=self.environment,
            cwd=self.project,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def running(self) -> Running | None:
        """What is running, None when nothing is."""
        return self.airflow.running()

    def processes(self) -> dict[int, str]:
        """Every live process of this installation: pid and command.

        They are known by a variable of theirs, or by the session that `airdub up` opened (Airflow
        overwrites its variables with a title).
        """
        mark = f"FAKE_FOLDER={self.fakes}".encode()
        running = self.running()
        if running:
            self.sessions.add(str(running.pid))
        found = {}
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                marked = mark in (entry / "environ").read_bytes().split(b"\0")
                state, _, _, session = stat_fields(entry)[:4]
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
            if state != "Z" and (marked or session in self.sessions):
                found[int(entry.name)] = command
        return found

    def pid_of(self, *words: str) -> int:
        """The youngest process whose command has all the words and which is no guard."""
        return max(
            pid
            for pid, command in self.processes().items()
            if all(word in command for word in words) and "guard.py" not in command
        )

    def starts(self) -> dict[str, int]:
        """Processes started, by stage."""
        return {file.stem: len(file.read_text().split()) for file in self.fakes.glob("*.tries")}


def eventually(condition: Callable[[], bool], limit_s: float = 90) -> bool:
    limit = time.monotonic() + limit_s
    while not condition() and time.monotonic() < limit:
        time.sleep(0.2)
    return condition()


def stat_fields(entry: Path) -> list[str]:
    """State, parent, group, session, ... of a process."""
    return (entry / "stat").read_text().rpartition(")")[2].split()


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
