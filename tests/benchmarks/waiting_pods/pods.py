"""A test cluster in a process of its own, whose pods end at instants that are known."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from tests.kubernetes.kubelet import Node
from tests.kubernetes.server import Cluster

NAMESPACE = "airdub"
_LINE_EVERY_S = 5.0


def name_of(number: int) -> str:
    """What a pod is called."""
    return f"pod-{number}"


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


class Pods:
    """The cluster.

    Args:
        pipe: to its process.
    """

    def __init__(self, pipe: Any) -> None:
        self._pipe = pipe

    def start(self, ends: list[float]) -> None:
        """Start a pod for each of these times (seconds since 1970), at which it ends."""
        self._pipe.send(ends)
        self._pipe.recv()


@contextmanager
def cluster(config: Path) -> Iterator[Pods]:
    """An empty cluster; `config` becomes the file by which clients find it."""
    ours, theirs = get_context("spawn").Pipe()
    process = get_context("spawn").Process(target=_serve, args=(config, theirs))
    process.start()
    try:
        ours.recv()
        yield Pods(ours)
    finally:
        process.kill()
        process.join()


def _serve(config: Path, pipe: Any) -> None:
    """The cluster's process."""
    cluster = Cluster(NAMESPACE, Node(Work, {}))
    cluster.kubeconfig(config)
    pipe.send("ready")
    for number, end in enumerate(pipe.recv()):
        variables = [{"name": "ENDS_AT", "value": str(end)}]
        container = {"name": "stage", "image": "work", "command": [], "args": ["probe"]}
        spec = {"containers": [container | {"env": variables}]}
        cluster.create({"metadata": {"name": name_of(number), "labels": {}}, "spec": spec})
    pipe.send("started")
    pipe.recv()
