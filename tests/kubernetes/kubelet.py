"""Pods whose stage is a real process, and the misfortunes that befall pods."""

from __future__ import annotations

import json
import os
import shutil
import signal
import tempfile
import threading
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Any

from tests.kubernetes.containers import Container, Image

KILLED = 137
_ADDRESS = "127.0.0.1"
_MESSAGE_CHARS = 2048
_SCRATCH = "/tmp"  # noqa: S108 - inside the pod; each has a folder of its own


class Fate(Enum):
    """What happens to a pod."""

    RUNS = "its process runs to its end"
    OOM = "killed for memory once it runs"
    EVICTED = "evicted by its node once it runs"
    FILLED = "evicted because it filled its scratch volume"
    PREEMPTED = "taken away for a more important pod once it runs"
    NODE_LOST = "its node stops answering once it runs"
    NO_IMAGE = "its image is never pulled"
    BAD_IMAGE = "its image has an impossible name"
    NO_NODE = "no node has room"


def now() -> datetime:
    return datetime.now(UTC)


def stamp(moment: datetime) -> str:
    """A time as objects hold it: whole seconds."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True)
class Node:
    """What pods run on.

    Attributes:
        image: starts the container of any pod.
        environment: variables that images and nodes bring.
        grace_s: longest time from TERM to KILL, whatever a manifest says.
    """

    image: Image
    environment: Mapping[str, str]
    grace_s: float = 1.0


class Pod:
    """One pod.

    Args:
        manifest: as it was posted.
        variables: what its secrets hold.
        fate: what happens to it.
        forget: called when the pod is gone.
    """

    def __init__(
        self,
        manifest: dict[str, Any],
        node: Node,
        variables: Mapping[str, str],
        fate: Fate,
        forget: Callable[[Pod], None],
    ) -> None:
        self.manifest = manifest
        self.fate = fate
        self.lines: list[tuple[str, str]] = []
        self.process: Container | None = None
        self._node, self._variables, self._forget = node, variables, forget
        self._lock = threading.RLock()
        self._folder = Path(tempfile.mkdtemp(prefix="pod-"))
        self._going = False
        self._frozen = False
        self.status: dict[str, Any] = {"phase": "Pending", "conditions": []}
        manifest["metadata"] |= {"creationTimestamp": stamp(now()), "uid": self._folder.name}
        threading.Thread(target=self._live, daemon=True).start()

    @property
    def name(self) -> str:
        return str(self.manifest["metadata"]["name"])

    @property
    def container(self) -> dict[str, Any]:
        container: dict[str, Any] = self.manifest["spec"]["containers"][0]
        return container

    @property
    def stage(self) -> str:
        return str(self.container["args"][0])

    @property
    def over(self) -> bool:
        """Whether nothing of it runs any more."""
        return self.process is None or self.process.poll() is not None

    def json(self) -> dict[str, Any]:
        """The object as the API shows it now."""
        with self._lock:
            version = str(zlib.crc32(json.dumps(self.status).encode()))
            metadata = self.manifest["metadata"] | {"resourceVersion": version}
            return {**self.manifest, "metadata": metadata, "status": dict(self.status)}

    def delete(self, grace_s: float | None) -> None:
        """As the API does it: TERM, after a while KILL, then gone; at once without grace."""
        with self._lock:
            wanted = self.manifest["spec"].get("terminationGracePeriodSeconds", 30)
            grace = min(wanted if grace_s is None else grace_s, self._node.grace_s)
            if self._frozen and grace_s != 0:
                self.manifest["metadata"].setdefault("deletionTimestamp", stamp(now()))
                return  # no kubelet answers: only force helps
            if self._going and grace_s != 0:
                return
            self._going = True
            due = stamp(now() + timedelta(seconds=grace))
            self.manifest["metadata"] |= {"deletionTimestamp": due}
        threading.Thread(target=self._leave, args=(grace,), daemon=True).start()

    def stop(self) -> None:
        """Kill whatever runs, and start nothing more; for the end of a test."""
        with self._lock:
            self._going = True
        self._signal(signal.SIGKILL)
        shutil.rmtree(self._folder, ignore_errors=True)

    # the kubelet's side

    def _live(self) -> None:
        time.sleep(0.05)
        if self.fate is Fate.NO_NODE:
            message = "0/3 nodes are available: 3 Insufficient nvidia.com/gpu."
            self._condition("PodScheduled", "False", "Unschedulable", message)
            return
        self._condition("PodScheduled", "True")
        if self.fate in (Fate.NO_IMAGE, Fate.BAD_IMAGE):
            reason = "ImagePullBackOff" if self.fate is Fate.NO_IMAGE else "InvalidImageName"
            words = f'Back-off pulling image "{self.container["image"]}"'
            self._container({"waiting": {"reason": reason, "message": words}})
            return
        self._container({"waiting": {"reason": "ContainerCreating"}})
        with self._lock:
            if self._going:
                return
            self._start()
        reader = threading.Thread(target=self._read, daemon=True)
        reader.start()
        if self.fate is not Fate.RUNS:
            self._strike()
        assert self.process is not None
        code = self.process.wait()
        reader.join(5)
        if not self._frozen:
            self._ended(code if code >= 0 else 128 - code)

    def _start(self) -> None:
        variables = {one["name"]: self._value(one) for one in self.container.get("env", [])}
        in_scratch = {
            name: f"{self._folder}{value.removeprefix(_SCRATCH)}"
            for name, value in variables.items()
            if value.startswith(_SCRATCH)
        }
        environment = {**self._node.environment, **self._variables, **variables, **in_scratch}
        arguments = [*self.container["command"][1:], *self.container["args"]]
        self.process = self._node.image(arguments, environment)
        self.status |= {"phase": "Running", "podIP": _ADDRESS}
        self._condition("Ready", "True")
        self._container({"running": {"startedAt": stamp(now())}})

    def _value(self, variable: Mapping[str, Any]) -> str:
        """A variable's value; some are fields of the pod itself."""
        field = variable.get("valueFrom", {}).get("fieldRef", {}).get("fieldPath")
        fields = {"metadata.name": self.name, "status.podIP": _ADDRESS}
        return fields[field] if field else str(variable.get("value", ""))

    def _read(self) -> None:
        assert self.process is not None
        assert self.process.stdout is not None
        for line in self.process.stdout:
            moment = f"{now().strftime('%Y-%m-%dT%H:%M:%S')}.{time.time_ns() % 10**9:09d}Z"
            with self._lock:
                self.lines.append((moment, line.rstrip("\n")))

    def _strike(self) -> None:
        """What befalls a pod once its process speaks."""
        while not self.lines and not self.over:
            time.sleep(0.02)
        if self.fate is Fate.OOM:
            self._signal(signal.SIGKILL)
        elif self.fate in (Fate.EVICTED, Fate.FILLED):
            pressure = "The node was low on resource: memory."
            filled = 'Usage of EmptyDir volume "scratch" exceeds the limit "10Gi".'
            with self._lock:
                message = pressure if self.fate is Fate.EVICTED else filled
                self.status |= {"phase": "Failed", "reason": "Evicted", "message": message}
            self._container({"terminated": {"exitCode": KILLED, "reason": "Error"}})
            self._signal(signal.SIGKILL)
        elif self.fate is Fate.PREEMPTED:
            words = "Preempted in order to admit critical pod"
            self._condition("DisruptionTarget", "True", "PreemptionByScheduler", words)
            self.delete(0)
        elif self.fate is Fate.NODE_LOST:
            with self._lock:
                self._frozen = True
                self.status["phase"] = "Unknown"

    def _ended(self, code: int) -> None:
        with self._lock:
            if self.status["phase"] in ("Failed", "Succeeded"):
                return
            killed = self.fate is Fate.OOM
            reason = "OOMKilled" if killed else "Completed" if code == 0 else "Error"
            tail = "\n".join(line for _, line in self.lines)[-_MESSAGE_CHARS:]
            state: dict[str, Any] = {"exitCode": code, "reason": reason}
            self.status["phase"] = "Succeeded" if code == 0 else "Failed"
            self._container({"terminated": state | ({"message": tail} if code else {})})

    def _leave(self, grace: float) -> None:
        self._signal(signal.SIGTERM)
        limit = time.monotonic() + grace
        while not self.over and time.monotonic() < limit:
            time.sleep(0.02)
        self._signal(signal.SIGKILL)
        if self.process is not None:
            self.process.wait()
        self._forget(self)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _signal(self, number: signal.Signals) -> None:
        if self.process is not None and self.process.poll() is None:
            try:
                os.killpg(self.process.pid, number)
            except ProcessLookupError:
                return

    def _condition(self, kind: str, status: str, reason: str = "", message: str = "") -> None:
        said = {"type": kind, "status": status, "reason": reason, "message": message}
        with self._lock:
            self.status["conditions"] = [*self.status["conditions"], said]

    def _container(self, state: dict[str, Any]) -> None:
        one = {
            "name": self.container["name"],
            "image": self.container["image"],
            "imageID": "",
            "ready": "running" in state,
            "restartCount": 0,
            "state": state,
        }
        with self._lock:
            self.status["containerStatuses"] = [one]
