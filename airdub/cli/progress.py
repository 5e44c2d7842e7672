"""How far reading or writing bytes has come: a bar with the time left, once it takes a while."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

_SHOWN_AFTER_S = 2.0
_PLAIN_EVERY_S = 10.0


@contextmanager
def byte_progress(console: Console, what: str) -> Iterator[Callable[[int, int], None]]:
    """Something to tell how many bytes of how many are done."""
    if not console.is_terminal:
        yield _plain(console, what)
        return
    began = time.monotonic()
    progress = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )
    task = progress.add_task(what, total=None)

    def report(done: int, total: int) -> None:
        progress.update(task, completed=done, total=total)
        if not progress.live.is_started and time.monotonic() - began > _SHOWN_AFTER_S:
            progress.start()

    try:
        yield report
    finally:
        progress.stop()


def _plain(console: Console, what: str) -> Callable[[int, int], None]:
    """A line every few seconds, where there is no terminal."""
    began = told = time.monotonic()

    def report(done: int, total: int) -> None:
        nonlocal told
        now = time.monotonic()
        if now - told < _PLAIN_EVERY_S or not done:
            return
        told = now
        left = (now - began) * (total - done) / done
        console.print(
            f"{what}: {100 * done / total:.0f} % ({done >> 20} of {total >> 20} MiB), "
            f"{left:.0f} s left",
            markup=False,
        )

    return report
