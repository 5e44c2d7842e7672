"""The part of the Kubernetes API that operators of pods use, over real HTTP.

Pods: create, list and watch by labels or name, read, patch, delete alone or together, log. Events:
an empty list. Every request needs the token. Faults are put before or after the work of chosen
requests.
"""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.kubernetes.admission import restricted_violations, schema_errors
from tests.kubernetes.kubelet import Fate, Node, Pod

TOKEN = "the-token-of-the-test-cluster"  # noqa: S105
_WATCH_S = 0.1
_PODS = re.compile(r"/api/v1/namespaces/([^/]+)/pods(?:/([^/]+)(/log)?)?")


@dataclass
class Fault:
    """What goes wrong with some requests.

    Attributes:
        method, path: of the requests; the path is a regular expression.
        kind: an HTTP status, `hang` (no answer for a while), `reset` (cut before anything is done),
            `lose` (done, but the answer is cut), `cut` (half of the answer arrives).
        times: how many requests it meets.
        message: of a status.
    """

    method: str
    path: str
    kind: int | str
    times: int = 1
    message: str = "the API is not well"
    met: int = 0


@dataclass
class Cluster:
    """A cluster of one namespace.

    Attributes:
        secrets: entries by name of secret.
        fates: what happens to pods by stage, one per pod; those after the last one run.
        created: every pod that there ever was, in order.
    """

    namespace: str
    node: Node
    secrets: dict[str, dict[str, str]] = field(default_factory=dict)
    fates: dict[str, list[Fate]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    hang_s: float = 1.5
    created: list[Pod] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.pods: dict[str, Pod] = {}
        self.stopped = False
        self.lock = threading.RLock()
        handler = type("Handler", (_Handler,), {"cluster": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def kubeconfig(self, file: Path) -> Path:
        """Write a file by which clients find and enter the cluster."""
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "test",
            "clusters": [{"name": "test", "cluster": {"server": self.url}}],
            "users": [{"name": "test", "user": {"token": TOKEN}}],
            "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
        }
        file.write_text(json.dumps(config))
        return file

    def stop(self) -> None:
        """Kill every process and close the server."""
        self.stopped = True
        for pod in self.created:
            pod.stop()
        self._server.shutdown()
        self._server.server_close()

    def create(self, manifest: dict[str, Any]) -> Pod | None:
        """Start a pod; None when its name is taken."""
        name = manifest["metadata"]["name"]
        with self.lock:
            if name in self.pods:
                return None
            stage = manifest["spec"]["containers"][0]["args"][0]
            left = self.fates.get(stage) or []
            fate = left.pop(0) if left else Fate.RUNS
            variables: dict[str, str] = {}
            for source in manifest["spec"]["containers"][0].get("envFrom") or ():
                variables |= self.secrets[source["secretRef"]["name"]]
            pod = Pod(manifest, self.node, variables, fate, self._forget)
            self.pods[name] = pod
            self.created.append(pod)
            return pod

    def _forget(self, pod: Pod) -> None:
        with self.lock:
            if self.pods.get(pod.name) is pod:
                del self.pods[pod.name]

    def fault(self, method: str, path: str) -> Fault | None:
        """The fault that meets a request, if any; it is used up by it."""
        with self.lock:
            self.calls.append(f"{method} {path}")
            for fault in self.faults:
                hits = fault.method == method and re.search(fault.path, path)
                if hits and fault.met < fault.times:
                    fault.met += 1
                    return fault
        return None


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    cluster: Cluster
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def handle(self) -> None:
        """Answer until the client goes."""
        with suppress(ConnectionError):
            super().handle()

    def do_GET(self) -> None:
        self._handle("GET")

    def do_POST(self) -> None:
        self._handle("POST")

    def do_PATCH(self) -> None:
        self._handle("PATCH")

    def do_DELETE(self) -> None:
        self._handle("DELETE")

    def _handle(self, method: str) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length) or b"null") if length else None
        fault = self.cluster.fault(method, self.path)
        kind = fault.kind if fault else ""
        if kind == "reset":
            self._cut()
            return
        if kind == "hang":
            time.sleep(self.cluster.hang_s)
            self._cut()
            return
        if isinstance(kind, int):
            self._say(kind, _status(kind, fault.message if fault else ""))
            return
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            self._say(401, _status(401, "Unauthorized"))
            return
        if "watch=true" in self.path:
            self._watch()
            return
        code, answer = self._work(method, body)
        if kind == "lose":
            self._cut()
        elif kind == "cut":
            self._half(answer)
        else:
            self._say(code, answer)

    def _work(self, method: str, body: Any) -> tuple[int, Any]:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path.endswith("/events"):
            return 200, {"kind": "EventList", "apiVersion": "v1", "metadata": {}, "items": []}
        found = _PODS.fullmatch(parts.path)
        if not found or found[1] != self.cluster.namespace:
            return 404, _status(404, "not found")
        name, log = found[2], found[3]
        if name is None:
            return self._together(method, query, body)
        pod = self.cluster.pods.get(name)
        if pod is None:
            return 404, _status(404, f'pods "{name}" not found')
        if log:
            return _log(pod, query)
        if method == "DELETE":
            grace = query.get("gracePeriodSeconds", (body or {}).get("gracePeriodSeconds"))
            pod.delete(None if grace is None else float(grace))
        if method == "PATCH":
            pod.manifest["metadata"]["labels"] |= body["metadata"]["labels"]
        return 200, pod.json()

    def _together(
        self, method: str, query: dict[str, str], body: dict[str, Any]
    ) -> tuple[int, Any]:
        """What is asked of all pods, and not of one by its name."""
        if method == "POST":
            return self._create(body)
        if method == "DELETE":
            for pod in self._chosen(query):
                pod.delete(None)
        return 200, self._list(query)

    def _create(self, manifest: dict[str, Any]) -> tuple[int, Any]:
        if wrong := schema_errors(manifest):
            return 422, _status(422, "; ".join(wrong))
        if wrong := restricted_violations(manifest):
            return 403, _status(403, f'violates PodSecurity "restricted:latest": {wrong}')
        pod = self.cluster.create(manifest)
        if pod is None:
            name = manifest["metadata"]["name"]
            return 409, _status(409, f'pods "{name}" already exists')
        return 201, pod.json()

    def _list(self, query: dict[str, str]) -> dict[str, Any]:
        chosen = [pod.json() for pod in self._chosen(query)]
        metadata = {"resourceVersion": "1"}
        return {"kind": "PodList", "apiVersion": "v1", "metadata": metadata, "items": chosen}

    def _chosen(self, query: dict[str, str]) -> list[Pod]:
        wanted = [term for term in query.get("labelSelector", "").split(",") if term]
        name = query.get("fieldSelector", "").removeprefix("metadata.name=")
        return [
            pod
            for pod in list(self.cluster.pods.values())
            if _selected(pod.manifest["metadata"].get("labels") or {}, wanted)
            and name in ("", pod.name)
        ]

    def _watch(self) -> None:
        """Tell of changes until the client goes; by HTTP alone, so web sockets are turned away."""
        if self.headers.get("Upgrade"):
            self._say(503, _status(503, "no web sockets here"))
            return
        query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        told: dict[str, dict[str, Any]] = {}
        with suppress(OSError):
            while not self.cluster.stopped:
                now = {pod.name: pod.json() for pod in self._chosen(query)}
                for name in {*told, *now}:
                    if told.get(name) != now.get(name):
                        kind = "MODIFIED" if name in told else "ADDED"
                        kind = kind if name in now else "DELETED"
                        event = {"type": kind, "object": now.get(name) or told[name]}
                        self.wfile.write(json.dumps(event).encode() + b"\n")
                told = now
                self.wfile.flush()
                time.sleep(_WATCH_S)

    def _say(self, code: int, answer: Any) -> None:
        text = isinstance(answer, str)
        data = answer.encode() if text else json.dumps(answer).encode()
        self.send_response(code)
        self.send_header("Content-Type", "text/plain" if text else "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        with suppress(OSError):  # the client may have gone
            self.wfile.write(data)

    def _half(self, answer: Any) -> None:
        data = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data) + 1))
        self.end_headers()
        self.wfile.write(data[: len(data) // 2])
        self._cut()

    def _cut(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)


def _selected(labels: Mapping[str, str], terms: list[str]) -> bool:
    """Whether labels meet all of `a=b`, `a!=b` and `!a`."""
    for term in terms:
        name, unequal, value = term.partition("!=")
        if unequal:
            if labels.get(name) == value:
                return False
            continue
        if term.startswith("!"):
            if term[1:] in labels:
                return False
            continue
        name, _, value = term.partition("=")
        if labels.get(name) != value:
            return False
    return True


def _log(pod: Pod, query: Mapping[str, str]) -> tuple[int, Any]:
    if pod.process is None:
        return 400, _status(400, "container is waiting to start")
    lines = list(pod.lines)
    if "sinceSeconds" in query:
        since = time.gmtime(time.time() - int(query["sinceSeconds"]))
        first = time.strftime("%Y-%m-%dT%H:%M:%S", since)
        lines = [(moment, words) for moment, words in lines if moment >= first]
    stamped = query.get("timestamps") in ("1", "t", "T", "true", "TRUE", "True")  # as Go reads it
    return 200, "".join(f"{f'{moment} ' if stamped else ''}{words}\n" for moment, words in lines)


def _status(code: int, message: str) -> dict[str, Any]:
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "status": "Failure",
        "code": code,
        "message": message,
    }
