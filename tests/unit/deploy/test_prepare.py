"""What is brought up to date before Airflow starts."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from airdub.artifacts import ArtifactStore
from airdub.errors import DependencyUnavailable
from deploy.airflow.prepare import check_store, make_bucket
from tests.s3 import S3Server, s3_process, s3_server

__all__ = ["s3_process", "s3_server"]


class Careless(S3Server):
    """A server that takes every write, as some do that speak S3's protocol."""

    def _answer(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        environ.pop("HTTP_IF_NONE_MATCH", None)
        return super()._answer(environ, start_response)


@pytest.fixture
def careless(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Careless]:
    server = Careless()
    server.start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
    yield server
    server.stop()


def new_store() -> str:
    return f"s3://airdub-{uuid.uuid4().hex}/library"


def test_the_bucket_is_made_once(s3_server: S3Server) -> None:
    url = new_store()
    for _ in range(2):
        make_bucket(url)
    store = ArtifactStore(url)
    store.write("a", b"b")
    make_bucket(url)
    assert store.read("a") == b"b"


def test_a_store_that_keeps_its_promise_is_left_as_it_was(s3_server: S3Server) -> None:
    url = new_store()
    make_bucket(url)
    check_store(ArtifactStore(url))
    assert ArtifactStore(url).list("checks") == []


def test_a_store_that_overwrites_is_refused(careless: Careless) -> None:
    url = new_store()
    make_bucket(url)
    with pytest.raises(DependencyUnavailable, match="8 of 8 writers created the same object"):
        check_store(ArtifactStore(url, endpoint_url=careless.url))
