"""The guard: nothing that its command started outlives it, and nothing orphaned lives on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

GUARD = Path(__file__).parents[4] / "airdub" / "local" / "guard.py"


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def eventually(condition: Callable[[], bool], limit_s: float = 10) -> bool:
    limit = time.monotonic() + limit_s
    while not condition() and time.monotonic() < limit:
        time.sleep(0.05)
    return condition()


def start(script: str, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-S", "-E", str(GUARD), *options, "--", "bash", "-c", script]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def read_pids(process: subprocess.Popen[str], count: int) -> list[int]:
    assert process.stdout
    return [int(process.stdout.readline()) for _ in range(count)]


@pytest.mark.parametrize(("script", "code"), [("exit 7", 7), ("kill -9 $$", 137), ("true", 0)])
def test_the_commands_exit_status_is_the_guards(script: str, code: int) -> None:
    with start(script) as process:
        assert process.wait(10) == code


def test_descendants_in_sessions_of_their_own_die_with_the_command() -> None:
    with start(
        "setsid sleep 300 & echo $!; setsid bash -c 'sleep 301 & echo $!; wait' & sleep 1; "
        "kill -9 $$"
    ) as process:
        pids = read_pids(process, 2)
        assert process.wait(10) == 137
    assert not [pid for pid in pids if is_alive(pid)]


def test_an_orphan_is_killed_while_the_command_lives_on() -> None:
    with start("(setsid sleep 300 & echo $!); sleep 300 & echo $!; wait") as process:
        orphan, child = read_pids(process, 2)
        assert eventually(lambda: not is_alive(orphan))
        assert is_alive(child)
        process.terminate()
        process.wait(10)
    assert not is_alive(child)


def test_term_lets_the_command_end_in_its_own_way() -> None:
    with start("trap 'exit 5' TERM; echo $$; while :; do sleep 0.1; done") as process:
        read_pids(process, 1)
        process.terminate()
        assert process.wait(10) == 5


def test_kill_9_of_the_guard_kills_the_command() -> None:
    with start("echo $$; exec sleep 300") as process:
        [pid] = read_pids(process, 1)
        process.send_signal(signal.SIGKILL)
        process.wait(10)
    assert eventually(lambda: not is_alive(pid))


def test_a_guard_of_guards_ends_the_family_of_one_that_was_killed() -> None:
    inner = f"{sys.executable} -S -E {GUARD} -- bash -c 'setsid sleep 300 & echo $!; wait'"
    with start(f"{inner} & echo $!; wait; sleep 300") as process:
        inner_guard, sleeper = sorted(read_pids(process, 2))
        os.kill(inner_guard, signal.SIGKILL)
        assert eventually(lambda: not is_alive(sleeper))
        process.terminate()
        process.wait(10)


def test_kill_9_of_the_outermost_guard_ends_everything() -> None:
    inner = (
        f"{sys.executable} -S -E {GUARD} --with-parent -- "
        "bash -c 'setsid sleep 300 & echo $!; trap \"\" TERM; while :; do sleep 1; done'"
    )
    with start(f"{inner} & echo $!; wait") as process:
        pids = read_pids(process, 2)
        process.kill()
        process.wait(10)
        assert eventually(lambda: not any(is_alive(pid) for pid in pids))


def test_it_starts_the_command_only_once_the_address_answers(tmp_path: Path) -> None:
    from http.server import BaseHTTPRequestHandler, HTTPServer

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if (tmp_path / "ready").exists() else 503)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        server.timeout = 0.2
        started = tmp_path / "started"
        url = f"http://127.0.0.1:{server.server_port}/"
        with start(f"touch {started}", "--after", url) as process:
            for _ in range(5):
                server.handle_request()
            assert not started.exists()
            (tmp_path / "ready").touch()
            while process.poll() is None:
                server.handle_request()
        assert started.exists()
