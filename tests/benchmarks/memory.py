"""Memory of a process and all that it starts, sampled while it runs."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_EVERY_S = 0.05
_PROC = Path("/proc")


@dataclass(frozen=True)
class Peak:
    """Greatest sizes at one instant, MB.

    Attributes:
        own: memory that can't be given back: anonymous and shared, of the whole family.
        resident: all of it, pages of mapped files too (the kernel drops them when it needs to).
    """

    own: float = 0.0
    resident: float = 0.0


class MemoryWatch:
    """Samples a process and its descendants from `watch` until it is gone."""

    def __init__(self) -> None:
        self.peak = Peak()
        self._thread: threading.Thread | None = None

    def watch(self, pid: int) -> None:
        """Begin; one process per object."""
        self._thread = threading.Thread(target=self._sample, args=(pid,), daemon=True)
        self._thread.start()

    def result(self) -> Peak:
        """The peak, once the process has ended."""
        if self._thread:
            self._thread.join()
        return self.peak

    def _sample(self, pid: int) -> None:
        while (sizes := family_memory(pid)).resident:
            self.peak = Peak(max(self.peak.own, sizes.own), max(self.peak.resident, sizes.resident))
            time.sleep(_EVERY_S)


def family_memory(pid: int) -> Peak:
    """Memory of a process and its descendants now; zeros when it is gone."""
    own = resident = 0
    for member in family(pid):
        fields = _status(member)
        own += fields.get("RssAnon", 0) + fields.get("RssShmem", 0)
        resident += fields.get("VmRSS", 0)
    return Peak(own / 1024, resident / 1024)


def family_share(pid: int) -> float:
    """Memory of a process and its descendants now, MB; what they share counts once."""
    total = 0
    for member in family(pid):
        with suppress(OSError):
            rows = (_PROC / str(member) / "smaps_rollup").read_text().splitlines()
            total += next(int(row.split()[1]) for row in rows if row.startswith("Pss:"))
    return total / 1024


def family(pid: int) -> list[int]:
    """The process and its descendants, those of its threads too."""
    members = [pid]
    for member in members:  # grows while it is walked
        with suppress(OSError):  # it may end at any moment
            for children in (_PROC / str(member) / "task").glob("*/children"):
                members += map(int, children.read_text().split())
    return members


def _status(pid: int) -> dict[str, int]:
    """The kB fields of a process's status; empty when it is gone."""
    with suppress(OSError):
        rows = (line.split() for line in (_PROC / str(pid) / "status").read_text().splitlines())
        return {row[0].rstrip(":"): int(row[1]) for row in rows if row[-1] == "kB"}
    return {}
