"""Running other programs: never through a shell, and never outliving the stage.

Every program starts under `setpriv --pdeathsig KILL`: when the stage's process dies in any way,
kill -9 included, the kernel kills the program too, so no orphan goes on writing. The signal is
bound to the starting THREAD, so start programs from a thread that outlives them.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from typing import Any

from airdub.errors import AirdubError, DependencyUnavailable, EngineFailed

_DIES_WITH_US = ("setpriv", "--pdeathsig", "KILL", "--")
_TAIL_CHARS = 800


def missing_program(program: str) -> DependencyUnavailable:
    """The error for a program that isn't installed."""
    return DependencyUnavailable(
        "the program is not installed",
        where=program,
        remedy="run `make setup`, or `airdub doctor` to see what each engine needs",
    )


def stderr_tail(stderr: bytes) -> str:
    """The last lines of a program's complaint, short enough for an error message."""
    return stderr.decode("utf-8", "replace").strip()[-_TAIL_CHARS:]


def start_program(command: Sequence[str], **popen: Any) -> subprocess.Popen[bytes]:
    """Start a program for streaming; it is killed when the calling thread or process dies.

    Args:
        command: program and arguments; passed as they are.
        popen: `stdin`, `stdout`, `stderr`, `cwd`, `env` of `subprocess.Popen`.

    Raises:
        DependencyUnavailable: the program is not installed.
    """
    if shutil.which(command[0]) is None:
        raise missing_program(command[0])
    return subprocess.Popen([*_DIES_WITH_US, *command], **popen)


def run_program(
    command: Sequence[str],
    *,
    what: str,
    where: str = "",
    remedy: str = "",
    input: bytes | None = None,
    timeout_s: float | None = None,
    failure: type[AirdubError] = EngineFailed,
    **popen: Any,
) -> subprocess.CompletedProcess[bytes]:
    """Run a program to its end and return its output.

    Args:
        what: what the program was to do, for the error: "reading the streams".
        where, remedy: of the error.
        input: bytes for its standard input (none: closed).
        failure: the error raised when it fails.

    Raises:
        DependencyUnavailable: the program is not installed.
        AirdubError: `failure`, when its exit status isn't 0 or it takes longer than `timeout_s`.
    """
    stdin = subprocess.DEVNULL if input is None else subprocess.PIPE
    process = start_program(
        command, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **popen
    )
    with process:
        try:
            stdout, stderr = process.communicate(input, timeout=timeout_s)
        except subprocess.TimeoutExpired as error:
            raise failure(
                f"{what} took longer than {timeout_s:g} s", where=where or command[0], remedy=remedy
            ) from error
        finally:
            if process.poll() is None:
                process.kill()
    if process.returncode:
        raise failure(
            f"{what} failed ({command[0]} ended with {process.returncode}): {stderr_tail(stderr)}",
            where=where or command[0],
            remedy=remedy,
        )
    return subprocess.CompletedProcess(list(command), 0, stdout, stderr)
