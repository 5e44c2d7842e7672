"""JSON lines on standard output: log records, progress and the final error.

One object a line with an `event`: `log` (level, message), `progress` (fraction, done, total, unit,
eta_s), `error` (class, what, where, remedy) or `result` (key, adopted).
"""

from __future__ import annotations

import json
import logging
import sys
import threading
import time
from typing import Any

from airdub.errors import AirdubError

_EVERY_S = 1.0
_lock = threading.Lock()


def emit(event: str, **fields: Any) -> None:
    """Write one line; lines of several threads don't mix."""
    line = json.dumps({"event": event, **fields}, ensure_ascii=False, default=str)
    with _lock:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


def emit_error(error: AirdubError) -> None:
    """Write the error that ends the stage."""
    emit(
        "error",
        **{"class": type(error).__name__},
        what=error.what,
        where=error.where,
        remedy=error.remedy,
    )


class JsonLineHandler(logging.Handler):
    """Log records as JSON lines."""

    def emit(self, record: logging.LogRecord) -> None:
        emit("log", level=record.levelname.lower(), message=self.format(record))


class Progress:
    """Progress lines with an estimate of the time that is left, at most one a second.

    The estimate starts anew when what is counted changes, or begins to be counted at 0.
    """

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._last = 0.0
        self._counted: tuple[int, str] | None = None
        self._before = 0

    def __call__(self, done: int, total: int, unit: str) -> None:
        now = time.monotonic()
        if self._counted != (total, unit):
            if self._counted or not done:
                self._began, self._before = now, done
            self._counted, self._last = (total, unit), 0.0
        finished = done >= total
        if not finished and now - self._last < _EVERY_S:
            return
        self._last = now
        fraction = min(1.0, done / total) if total > 0 else 0.0
        made = done - self._before
        left_s = (now - self._began) * max(0, total - done) / made if made > 0 else None
        emit(
            "progress",
            fraction=round(fraction, 4),
            done=done,
            total=total,
            unit=unit,
            eta_s=None if left_s is None else round(left_s, 1),
        )
