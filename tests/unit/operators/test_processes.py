"""A stage's family of processes lives and dies together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from operators.processes import StageProcess


def start(script: str, folder: Path) -> StageProcess:
    return StageProcess([sys.executable, "-c", textwrap.dedent(script)], os.environ, folder)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until_dead(pid: int) -> bool:
    limit = time.monotonic() + 5
    while is_alive(pid) and time.monotonic() < limit:
        time.sleep(0.05)
    return not is_alive(pid)


def test_lines_arrive_whole_and_the_exit_code_is_returned(tmp_path: Path) -> None:
    lines: list[str] = []
    process = start(
        """
        import sys, time
        sys.stdout.write("first ha"); sys.stdout.flush(); time.sleep(0.1)
        print("lf"); print("ünïcode"); sys.stderr.write("no end of line"); sys.exit(7)
        """,
        tmp_path,
    )
    assert process.run(lines.append) == 7
    assert "first half" in lines
    assert "ünïcode" in lines
    assert "no end of line" in "".join(lines)


def test_a_child_that_keeps_the_pipe_open_neither_blocks_nor_survives(tmp_path: Path) -> None:
    lines: list[str] = []
    process = start(
        """
        import subprocess
        print(subprocess.Popen(["sleep", "300"]).pid)
        """,
        tmp_path,
    )
    began = time.monotonic()
    assert process.run(lines.append) == 0
    assert time.monotonic() - began < 10
    assert wait_until_dead(int(lines[0]))


def test_a_process_that_ignores_term_is_killed(tmp_path: Path) -> None:
    lines: list[str] = []
    process = start(
        """
        import signal, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        print("ready", flush=True)
        time.sleep(300)
        """,
        tmp_path,
    )
    stopper = threading.Timer(1.0, process.stop)
    stopper.start()
    assert process.run(lines.append) == -signal.SIGKILL
    stopper.join()
    assert lines == ["ready"]


def test_a_process_that_heeds_term_may_clean_up(tmp_path: Path) -> None:
    process = start(
        """
        import pathlib, signal, sys, time
        def stop(*_):
            pathlib.Path("clean").touch()
            sys.exit(75)
        signal.signal(signal.SIGTERM, stop)
        print("ready", flush=True)
        time.sleep(300)
        """,
        tmp_path,
    )
    assert process.run(lambda line: process.stop()) == 75
    assert (tmp_path / "clean").exists()


def test_the_kernel_kills_it_when_its_starter_is_killed(tmp_path: Path) -> None:
    starter = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import os, pathlib, sys\n"
            "from operators.processes import StageProcess\n"
            "code = 'import os, time; print(os.getpid(), flush=True); time.sleep(300)'\n"
            "process = StageProcess([sys.executable, '-c', code], os.environ, pathlib.Path('.'))\n"
            "process.run(lambda line: print(line, flush=True))\n",
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert starter.stdout
    pid = int(starter.stdout.readline())
    assert is_alive(pid)
    starter.kill()
    starter.wait()
    starter.stdout.close()
    assert wait_until_dead(pid)


def test_what_takes_longer_than_it_may_is_stopped_however_much_it_says(tmp_path: Path) -> None:
    lines: list[str] = []
    process = start(
        """
        import os, signal, subprocess
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        print(subprocess.Popen(["sleep", "300"]).pid, flush=True)
        while True:
            print("still at it", flush=True)
        """,
        tmp_path,
    )
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        process.run(lines.append, 1.0)
    assert 1.0 <= time.monotonic() - began < 10
    assert wait_until_dead(int(lines[0]))
    assert wait_until_dead(process._process.pid)
