"""What chunks cost, made in one way or another by a process of its own (see `making`)."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from tests.benchmarks.chunks import making
from tests.benchmarks.chunks.specs import Spec
from tests.benchmarks.memory import family, family_memory

_EVERY_S = 0.1


@dataclass(frozen=True)
class Cost:
    """Of one process.

    Attributes:
        wall_s: from its start to its end.
        cpu_s: of it and all that it started, on all cores.
        worker_mb: greatest own memory of one Python process that makes chunks.
    """

    wall_s: float
    cpu_s: float
    worker_mb: float

    def __str__(self) -> str:
        return f"{self.wall_s:.1f} s, {self.cpu_s:.1f} s cpu, {self.worker_mb:.0f} MB"


def typical(costs: Sequence[Cost]) -> Cost:
    """The median of several, with the greatest memory."""
    return Cost(
        median(one.wall_s for one in costs),
        median(one.cpu_s for one in costs),
        max(one.worker_mb for one in costs),
    )


def measure(spec: Spec, way: str, folder: Path) -> Cost:
    """Make all chunks in a way and tell what that took; the store must hold none of them."""
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        site = replace(spec.site, scratch=Path(scratch))
        file = Path(scratch) / "spec"
        file.write_bytes(pickle.dumps(replace(spec, site=site)))
        began = time.monotonic()
        with subprocess.Popen([sys.executable, "-m", making.__name__, str(file), way]) as process:
            peak_mb, cpu_s = 0.0, {}
            while process.poll() is None:
                members = family(process.pid)
                peak_mb = max(peak_mb, *map(_worker_mb, members))
                cpu_s |= {member: used for member in members if (used := _cpu_s(member))}
                with suppress(subprocess.TimeoutExpired):
                    process.wait(_EVERY_S)
        if process.returncode:
            raise SystemExit(f"{way} ended with {process.returncode}")
        return Cost(time.monotonic() - began, sum(cpu_s.values()), peak_mb)


def _worker_mb(pid: int) -> float:
    """Own memory of a Python process that has started no other; of any other 0."""
    with suppress(OSError):
        if Path(f"/proc/{pid}/comm").read_text().startswith("python") and family(pid) == [pid]:
            return family_memory(pid).own
    return 0.0


def _cpu_s(pid: int) -> float:
    """Processor time that a process has used so far; 0 when it is gone."""
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return 0.0
