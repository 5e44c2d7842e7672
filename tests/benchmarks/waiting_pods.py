"""Many pods that one triggerer waits for: memory, how long it is blocked, how late it notices.

`.venv/bin/python -m tests.benchmarks.waiting_pods [--pods 500]`. The cluster is the tests' own, in
a process of its own. Its pods work for a while, tell their progress, and end at instants that are
known; what is measured is the other process, whose event loop has what a triggerer's has: a
`PodTrigger` for each.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from tests.airflow_home import use_own_home

use_own_home()
os.environ.setdefault("AIRFLOW__LOGGING__LOGGING_LEVEL", "ERROR")  # lines would fill the terminal

from airflow.sdk.execution_time.supervisor import set_supervisor_comms  # noqa: E402

from operators.pods.trigger import PodTrigger  # noqa: E402
from tests.kubernetes.driver import first_event  # noqa: E402
from tests.kubernetes.kubelet import Node  # noqa: E402
from tests.kubernetes.server import Cluster  # noqa: E402

NAMESPACE = "airdub"
POLL_S = 5.0
REQUIRED_MORE_MB = 100
REQUIRED_BLOCKED_S = 2.0
REQUIRED_NOTICED_S = 2 * POLL_S
_LINE_EVERY_S = 5.0
_PROBE_S = 0.05
_MB = 1 << 20


@dataclass(frozen=True)
class Waiting:
    """What was measured.

    Attributes:
        memory_mb: that the process had at most.
        more_mb: by how much that is more than before it waited.
        blocked_s: the longest time for which nothing else could run.
        noticed_s: from the end of each pod to the event that resumes its task.
        cpu: share of a core.
        told: progress that was written.
    """

    pods: int
    memory_mb: float
    more_mb: float
    blocked_s: float
    noticed_s: list[float]
    cpu: float
    told: int

    @property
    def late_s(self) -> float:
        """How late an end is noticed, but for one in a hundred."""
        return quantiles(self.noticed_s, n=100)[98]

    def __str__(self) -> str:
        return (
            f"{self.pods} pods, each looked at every {POLL_S:g} s: {self.memory_mb:.0f} MB "
            f"({self.more_mb:.0f} MB of that for them), "
            f"blocked for {self.blocked_s:.2f} s at most, {self.cpu:.0%} of a core; "
            f"an end is noticed after {median(self.noticed_s):.1f} s (median), "
            f"{self.late_s:.1f} s (99 %), {max(self.noticed_s):.1f} s (most); "
            f"progress was written {self.told} times"
        )


class Work:
    """A container that tells its progress now and then until it ends. It has no process."""

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
        self._began, self._ends = time.time(), float(environment["ENDS_AT"])
        self.stdout: Any = self._lines()

    @property
    def pid(self) -> int:
        raise ProcessLookupError

    def poll(self) -> int | None:
        return None if time.time() < self._ends else 0

    def wait(self) -> int:
        time.sleep(max(0.0, self._ends - time.time()))
        return 0

    def kill(self) -> None:
        self._ends = 0.0

    def _lines(self) -> Iterator[str]:
        whole = self._ends - self._began
        while (left := self._ends - time.time()) > 0:
            part = round(1 - left / whole, 4)
            line = {"fraction": part, "done": part, "total": 1, "unit": "s", "eta_s": left}
            yield json.dumps({"event": "progress", **line})
            time.sleep(min(_LINE_EVERY_S, max(0.01, left)))


def _serve(config: Path, ends: list[float], pipe: Any) -> None:
    """The cluster's process."""
    cluster = Cluster(NAMESPACE, Node(Work, {}))
    for number, end in enumerate(ends):
        variables = [{"name": "ENDS_AT", "value": str(end)}]
        container = {"name": "stage", "image": "work", "command": [], "args": ["probe"]}
        spec = {"containers": [container | {"env": variables}]}
        cluster.create({"metadata": {"name": f"pod-{number}", "labels": {}}, "spec": spec})
    cluster.kubeconfig(config)
    pipe.send("ready")
    pipe.recv()


@contextmanager
def cluster_of(folder: Path, ends: list[float]) -> Iterator[None]:
    """A cluster whose pods end so, and Airflow's connection to it."""
    ours, theirs = get_context("spawn").Pipe()
    config = folder / "waiting-pods"
    process = get_context("spawn").Process(target=_serve, args=(config, ends, theirs))
    process.start()
    try:
        ours.recv()
        os.environ["AIRFLOW_CONN_KUBERNETES_DEFAULT"] = f"kubernetes://?kube_config_path={config}"
        yield
    finally:
        process.kill()
        process.join()


@dataclass
class Triggerer:
    """What answers triggers: it counts the progress that they write."""

    told: int = 0

    async def asend(self, message: Any) -> None:
        self.told += 1


@dataclass
class _Loop:
    """Looks whether the event loop gets on."""

    blocked_s: float = 0.0
    peak_mb: float = 0.0
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def watch(self) -> None:
        while not self.over.is_set():
            began = time.perf_counter()
            await asyncio.sleep(_PROBE_S)
            self.blocked_s = max(self.blocked_s, time.perf_counter() - began - _PROBE_S)
            self.peak_mb = max(self.peak_mb, resident_mb())


def resident_mb() -> float:
    """Memory of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / _MB


def measure(folder: Path, pods: int, first_s: float = 40, last_s: float = 80) -> Waiting:
    """Wait for pods that end evenly between two instants, counted from now."""
    start = time.time()
    ends = [start + first_s + (last_s - first_s) * number / pods for number in range(pods)]
    with cluster_of(folder, ends):
        return asyncio.run(_wait(ends))


async def _wait(ends: list[float]) -> Waiting:
    loop, triggerer = _Loop(), Triggerer()
    before_mb, cpu_s, began = resident_mb(), time.process_time(), time.time()
    watch = asyncio.create_task(loop.watch())
    with set_supervisor_comms(triggerer):
        waits = (_one(number, end) for number, end in enumerate(ends))
        noticed_s = await asyncio.gather(*waits)
    loop.over.set()
    await watch
    return Waiting(
        pods=len(ends),
        memory_mb=loop.peak_mb,
        more_mb=loop.peak_mb - before_mb,
        blocked_s=loop.blocked_s,
        noticed_s=noticed_s,
        cpu=(time.process_time() - cpu_s) / (time.time() - began),
        told=triggerer.told,
    )


async def _one(number: int, end: float) -> float:
    watched = {
        "name": f"pod-{number}",
        "namespace": NAMESPACE,
        "stage": "probe",
        "deadline": end + 600,
        "patience_s": 600.0,
        "poll_s": POLL_S,
    }
    waiter = {"dag_id": "dub_video", "run_id": str(number), "task_id": "probe", "map_index": -1}
    event = await first_event(PodTrigger("kubernetes_default", False, watched, waiter))
    if event["reason"] != "ended":
        raise SystemExit(f"pod {number}: {event['reason']}")
    return time.time() - end


def main() -> int:
    """Measure; 1 when a requirement isn't kept."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.waiting_pods", description=__doc__
    )
    parser.add_argument("--pods", type=int, default=500)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        found = measure(Path(name), chosen.pods)
    good = (
        found.more_mb <= REQUIRED_MORE_MB
        and found.blocked_s <= REQUIRED_BLOCKED_S
        and found.late_s <= REQUIRED_NOTICED_S
    )
    print(
        f"{found}   {'ok' if good else 'NOT REACHED'} (<= +{REQUIRED_MORE_MB} MB, "
        f"{REQUIRED_BLOCKED_S:g} s, {REQUIRED_NOTICED_S:g} s at 99 %)"
    )
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
