"""Every test of releases runs on files and on a real S3 protocol server."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from airdub.releases.objects import ObjectStore, open_objects
from tests.unit.airdub.releases.dubs import Library, settings_at
from tests.unit.airdub.releases.objects import SMALLEST_PART


class _OneAtATime:
    """A WSGI application that answers one request after the other.

    moto looks at a condition and writes in two steps; S3 does both in one.
    """

    def __init__(self, application: Any) -> None:
        self._application = application
        self._lock = threading.Lock()

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        with self._lock:
            answer: Iterable[bytes] = self._application(environ, start_response)
            return answer


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import make_server

    application = _OneAtATime(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, application, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture
def s3_url(s3_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty bucket, found the way boto3 finds it; uploads go in the smallest parts there are."""
    import boto3

    monkeypatch.setattr("airdub.releases.s3.PART_BYTES", SMALLEST_PART)
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    bucket = f"airdub-{uuid.uuid4().hex}"
    boto3.client("s3").create_bucket(Bucket=bucket)
    return f"s3://{bucket}/library"


@pytest.fixture(params=["file", "s3"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where releases lie."""
    if request.param == "file":
        return (tmp_path / "releases").as_uri()
    made: str = request.getfixturevalue("s3_url")
    return made


@pytest.fixture
def objects(url: str) -> ObjectStore:
    return open_objects(url)


@pytest.fixture
def library(tmp_path: Path, url: str) -> Library:
    """An installation that publishes to `url`."""
    return Library(settings_at(tmp_path, url))


@pytest.fixture
def local_library(tmp_path: Path) -> Library:
    """One that publishes to files, for what no store changes."""
    return Library(settings_at(tmp_path, (tmp_path / "releases").as_uri()))
