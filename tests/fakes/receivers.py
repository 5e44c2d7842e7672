"""Where notices and numbers arrive: servers for mail, posts and StatsD, on ports of their own."""

from __future__ import annotations

import json
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest


class MailServer(socketserver.ThreadingTCPServer):
    """Takes every mail; what RFC 5321 asks of a server that knows no extension."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Mail)
        self.mails: list[Message] = []

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])


class _Mail(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self._say(220)
        for line in self.rfile:
            command = line[:4].upper()
            if command == b"QUIT":
                self._say(221)
                return
            if command == b"DATA":
                self._say(354)
                self._take()
            self._say(250)

    def _say(self, code: int) -> None:
        self.wfile.write(b"%d ok\r\n" % code)

    def _take(self) -> None:
        lines = []
        for line in self.rfile:
            if line == b".\r\n":
                break
            lines.append(line.removeprefix(b"."))
        self.server.mails.append(message_from_bytes(b"".join(lines), policy=default))


class WebServer(ThreadingHTTPServer):
    """Takes JSON by POST.

    Attributes:
        status: what it answers.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Post)
        self.posts: list[dict[str, Any]] = []
        self.status = 200

    @property
    def url(self) -> str:
        """Where it listens; the path is a secret, as hosted webhooks have it."""
        return f"http://127.0.0.1:{self.server_address[1]}/hooks/s3cret-path"


class _Post(BaseHTTPRequestHandler):
    server: WebServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.server.status == 200:
            self.server.posts.append({"path": self.path, **json.loads(body)})
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Nothing to standard error."""


@contextmanager
def serving(server: Any) -> Iterator[Any]:
    """The server, at work in a thread."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def statsd(monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """A StatsD server to which Airflow is told to send, with tags as InfluxDB has them."""
    from airflow.sdk.observability import stats
    from airflow.sdk.observability.metrics import statsd_logger

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(5)
        monkeypatch.setenv("AIRFLOW__METRICS__STATSD_ON", "True")
        monkeypatch.setenv("AIRFLOW__METRICS__STATSD_PORT", str(server.getsockname()[1]))
        monkeypatch.setenv("AIRFLOW__METRICS__STATSD_INFLUXDB_ENABLED", "True")
        stats.initialize(factory=statsd_logger.get_statsd_logger, export_legacy_names=False)
        yield server
    stats.initialize(factory=_nobody, export_legacy_names=False)


def _nobody() -> Any:
    from airflow.sdk._shared.observability.metrics.base_stats_logger import NoStatsLogger

    return NoStatsLogger()
