"""A mirror of weights over real HTTP: ranges, and what goes wrong with them."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Mirror(ThreadingHTTPServer):
    """Serves `files` by path.

    Attributes:
        faults: what meets the next requests, one each: a status, `cut` (the connection breaks off
            half-way), `no range` (answers the whole file), `other range` (answers another part),
            `long` (one byte too many, without saying how many come).
        requests: path and Range header of each.
        tokens: Authorization headers that were seen.
        pause: set by a test to hold answers back half-way.
    """

    daemon_threads = True

    def __init__(self, files: dict[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files = files
        self.faults: list[int | str] = []
        self.requests: list[tuple[str, str]] = []
        self.tokens: list[str] = []
        self.pause: threading.Event | None = None

    def url(self, path: str) -> str:
        """Where a file is."""
        return f"http://127.0.0.1:{self.server_port}/{path}"


class _Handler(BaseHTTPRequestHandler):
    server: Mirror

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Answer a file, or a part of it, as the next fault wants."""
        server = self.server
        asked = self.headers.get("Range", "")
        path = self.path.partition("?")[0]
        server.requests.append((path, asked))
        if token := self.headers.get("Authorization"):
            server.tokens.append(token)
        fault = server.faults.pop(0) if server.faults else ""
        content = server.files.get(path.lstrip("/"))
        if isinstance(fault, int) or content is None:
            self.send_response(fault if isinstance(fault, int) else 404)
            self.end_headers()
            return
        found = re.fullmatch(r"bytes=(\d+)-", asked)
        first = int(found[1]) if found and fault != "no range" else 0
        self._send(content, max(0, first - 1) if fault == "other range" else first, str(fault))

    def do_HEAD(self) -> None:
        """Say how large a file is."""
        content = self.server.files.get(self.path.lstrip("/"))
        self.send_response(404 if content is None else 200)
        self.send_header("Content-Length", str(len(content or b"")))
        self.end_headers()

    def _send(self, content: bytes, first: int, fault: str) -> None:
        body = content[first:] + (b"!" if fault == "long" else b"")
        self.send_response(206 if first else 200)
        if first:
            last = len(content) - 1
            self.send_header("Content-Range", f"bytes {first}-{last}/{len(content)}")
        if fault != "long":
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        half = len(body) // 2
        self.wfile.write(body[:half])
        self.wfile.flush()
        if self.server.pause:
            self.server.pause.wait(30)
        if fault != "cut":
            self.wfile.write(body[half:])


@contextmanager
def mirror(files: dict[str, bytes]) -> Iterator[Mirror]:
    """A running mirror."""
    server = Mirror(files)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
