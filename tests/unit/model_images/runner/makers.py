"""A maker of chunks for tests with Spark, which pickles it by the name of its module."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from airdub.errors import InvalidInput
from model_images.runner.chunks import ChunkJob, Site


@dataclass(frozen=True)
class Clerk:
    """Writes a chunk's span, and a line about it in a diary that all processes share.

    Attributes:
        seconds: that each chunk takes.
        torn: first frames of chunks that can't be made.
        killed: first frames at which the process is killed, each once.
        crashed: first frames at which the process crashes.
        buggy: first frames at which there is a bug.
    """

    diary: Path
    seconds: float = 0.0
    torn: tuple[int, ...] = ()
    killed: tuple[int, ...] = ()
    crashed: tuple[int, ...] = ()
    buggy: tuple[int, ...] = ()
    suffix: str = ".txt"
    media_type: str = "text/plain"

    @contextmanager
    def open(self, site: Site) -> Iterator[Callable[[ChunkJob, Path], dict[str, Any]]]:
        def write(job: ChunkJob, file: Path) -> dict[str, Any]:
            first, end = job.span
            time.sleep(self.seconds)
            if first in self.torn:
                raise InvalidInput("the picture is torn")
            if first in self.killed and self._once(first):
                os.kill(os.getpid(), signal.SIGKILL)
            if first in self.crashed:
                os.kill(os.getpid(), signal.SIGSEGV)
            if first in self.buggy:
                raise ZeroDivisionError("a bug")
            file.write_text(f"{first} to {end}")
            with self.diary.open("a") as diary:
                diary.write(f"{first}\n")
            return {
                "pid": os.getpid(),
                "threads": site.threads,
                "foreign": site.foreign,
                "payload": len(job.payload or b""),
            }

        yield write

    def made(self) -> list[int]:
        """First frames of the chunks that were made, in that order."""
        return [int(line) for line in self.diary.read_text().split()]

    def _once(self, first: int) -> bool:
        mark = self.diary.with_name(f"killed-{first}")
        if mark.exists():
            return False
        mark.touch()
        return True
