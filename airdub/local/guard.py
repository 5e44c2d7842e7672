"""Run one command; when it ends, in whatever way, nothing that it started is left.

`python guard.py [--with-parent] [--after URL] -- COMMAND ...` becomes the reaper of all that the
command starts. A descendant whose own parent died is an orphan and is killed. When the command
ends, all that is left of its family is killed, and its exit status becomes this one's. When the
guard itself is killed, the kernel kills the command, and guards below it that run `--with-parent`
end their families. Linux only; standard library only, so that it stays small.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_ORPHAN_CHECK_S = 2.0
_STOPS = (signal.SIGTERM, signal.SIGINT)
_PARENT_DIED = signal.SIGHUP
_WATCHED = {signal.SIGCHLD, _PARENT_DIED, *_STOPS}


def guard(command: list[str]) -> int:
    """Run the command to its end and return its exit status (128 + signal when it was killed)."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    signal.pthread_sigmask(signal.SIG_BLOCK, _WATCHED)
    main_pid = os.posix_spawnp(
        "setpriv",
        ["setpriv", "--pdeathsig", "KILL", "--", *command],
        os.environ,
        setsigmask=(),
        setsigdef=(signal.SIGPIPE,),  # Python ignores it, and a child would inherit that
    )
    status = None
    while status is None:
        arrived = signal.sigtimedwait(_WATCHED, _ORPHAN_CHECK_S)
        if arrived is not None and arrived.si_signo in _STOPS:
            os.kill(main_pid, signal.SIGTERM)
        if arrived is not None and arrived.si_signo == _PARENT_DIED:
            os.kill(main_pid, signal.SIGKILL)
        status = _reap(main_pid)
        for orphan in children(os.getpid()):
            if orphan != main_pid:
                _kill(orphan)
    while left := list(children(os.getpid())):
        for pid in left:
            _kill(pid)
        os.waitpid(-1, 0)
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


def children(parent: int) -> Iterator[int]:
    """Pids of a process's children, zombies included."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it ended while we were looking
        if int(fields[1]) == parent:
            yield int(stat.parent.name)


def wait_for(url: str) -> None:
    """Return once the URL answers with a success."""
    import urllib.error
    import urllib.request

    while True:
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - our own address
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)


def _prctl(option: int, value: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), f"prctl({option})")


def _reap(main_pid: int) -> int | None:
    """Collect ended children; the wait status of the main one if it was among them."""
    status = None
    while True:
        try:
            pid, ended = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return status
        if pid == 0:
            return status
        if pid == main_pid:
            status = ended


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def main() -> int:
    """Command line of the guard."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--with-parent", action="store_true", help="end when the parent dies")
    parser.add_argument("--after", metavar="URL", help="start once this address answers")
    parser.add_argument("command", nargs="+")
    arguments = parser.parse_args()
    if arguments.with_parent:
        _prctl(_PR_SET_PDEATHSIG, _PARENT_DIED)
    if arguments.after:
        wait_for(arguments.after)
    return guard(arguments.command)


if __name__ == "__main__":
    sys.exit(main())
