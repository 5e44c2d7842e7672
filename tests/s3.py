"""A real S3 protocol server for tests, in this process, that can be made to misbehave."""

from __future__ import annotations

import logging
import re
import threading
import uuid
from collections.abc import Iterable, Iterator
from typing import Any

import pytest


class S3Server:
    """moto behind HTTP. It answers one request after the other: moto looks at a condition and
    writes in two steps, S3 does both in one.

    Attributes:
        url: of the server.
        page: objects on a page of a listing; 0: as many as S3 sends.
        broken_page: number of the page, from 1, that doesn't say how the listing goes on; 0 none.
        cut_bodies: how many of the next bodies break off half-way.
        refuses_reading: whether no object may be read.
        requests: method and path of every request.
    """

    def __init__(self) -> None:
        self.page = 0
        self.broken_page = 0
        self.cut_bodies = 0
        self.refuses_reading = False
        self.requests: list[str] = []
        self._pages = 0
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def start(self) -> None:
        from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
        from werkzeug.serving import make_server

        logging.getLogger("werkzeug").setLevel(logging.ERROR)  # it tells each request
        self._application = DomainDispatcherApplication(create_backend_app)
        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        from s3fs import S3FileSystem

        self._server.shutdown()
        S3FileSystem.clear_instance_cache()  # it is kept by arguments; this server isn't one

    def _answer(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        with self._lock:
            method, query = environ["REQUEST_METHOD"], environ.get("QUERY_STRING", "")
            self.requests.append(f"{method} {environ['PATH_INFO']}")
            if method == "GET" and "list-type=2" in query:
                return self._list(environ, start_response)
            if method == "GET" and environ["PATH_INFO"].count("/") > 1:
                return self._read(environ, start_response)
            answer: Iterable[bytes] = self._application(environ, start_response)
            return answer

    def _list(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        self._pages = self._pages + 1 if "continuation-token" in environ["QUERY_STRING"] else 1
        if self.page:
            environ["QUERY_STRING"] += f"&max-keys={self.page}"
        body = b"".join(self._application(environ, start_response))
        if self._pages == self.broken_page:
            body = re.sub(rb"<NextContinuationToken>.*</NextContinuationToken>", b"", body)
        return [body]

    def _read(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        if self.refuses_reading:
            start_response("403 Forbidden", [("Content-Type", "application/xml")])
            return [b"<Error><Code>AccessDenied</Code></Error>"]
        body = b"".join(self._application(environ, start_response))
        if self.cut_bodies and len(body) > 1:
            self.cut_bodies -= 1
            body = body[: len(body) // 2]
        return [body]


@pytest.fixture(scope="session")
def s3_process() -> Iterator[S3Server]:
    server = S3Server()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def s3_server(s3_process: S3Server, monkeypatch: pytest.MonkeyPatch) -> S3Server:
    """A well-behaved server, found the way boto3 finds it."""
    s3_process.page = s3_process.broken_page = s3_process.cut_bodies = 0
    s3_process.refuses_reading = False
    s3_process.requests.clear()
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_process.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    return s3_process


@pytest.fixture
def s3_bucket(s3_server: S3Server) -> str:
    """The name of an empty bucket."""
    import boto3

    bucket = f"airdub-{uuid.uuid4().hex}"
    boto3.client("s3").create_bucket(Bucket=bucket)
    return bucket
