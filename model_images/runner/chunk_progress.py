"""How far the making of chunks is: frames and chunks done, and how fast.

What was found counts for nothing: it says neither what is left to do nor how fast that goes.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Sequence

from model_images.runner.chunks import ChunkJob

_EVERY_S = 10.0


class ChunkProgress:
    """Tells of chunks as they are done, in any order, and of none twice.

    Args:
        report: called with (done, total, unit).
        unit: of a job's span.
    """

    def __init__(
        self,
        jobs: Sequence[ChunkJob],
        report: Callable[[int, int, str], None],
        log: logging.Logger,
        unit: str,
    ) -> None:
        self._lengths = {job.number: job.span[1] - job.span[0] for job in jobs}
        self._report, self._log, self._unit = report, log, unit
        self._done: set[int] = set()
        self._made = 0
        self._missing = sum(self._lengths.values())
        self._began = self._told = time.monotonic()

    def begin(self, found: Iterable[int]) -> None:
        """Numbers of those that were there before."""
        self._done.update(found)
        self._missing -= sum(self._lengths[number] for number in self._done)
        if self._missing:
            self._log.info("%s; the others are made now", self._text())
            self._report(0, self._missing, self._unit)

    def start(self) -> None:
        """The making of the others begins now, if it had to be waited for."""
        self._began = time.monotonic()

    def done(self, number: int) -> None:
        """A chunk is there; it may have been told before."""
        if number in self._done:
            return
        self._done.add(number)
        self._made += self._lengths[number]
        self._report(self._made, self._missing, self._unit)
        now = time.monotonic()
        if now - self._told >= _EVERY_S or len(self._done) == len(self._lengths):
            self._told = now
            speed = self._made / max(now - self._began, 1e-3)
            self._log.info("%s, %.1f %s/s", self._text(), speed, self._unit)

    def _text(self) -> str:
        return f"{len(self._done)} of {len(self._lengths)} chunks are there"
