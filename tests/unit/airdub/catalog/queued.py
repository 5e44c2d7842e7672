"""Titles and requests for tests of the queue."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from airdub.catalog import Catalog
from airdub.library.documents import FileBeside, SourceVersion, Title
from airdub.queue.documents import Request, new_request

NOON = "2026-11-21T12:00:00.000000Z"
TOMORROW = "2026-11-22T00:00:00.000000Z"


def add_titles(catalog: Catalog, names: Iterable[str], series: str | None = None) -> None:
    """Register titles in English of one version each: `<name>-v1` stands for its content."""
    for name in names:
        file = FileBeside(
            ending="", location=f"/films/{name}.mp4", sha256="a" * 64, bytes=1, stamp="1"
        )
        version = SourceVersion.of(name, [file], 60.0)
        title = Title(
            title_id=name,
            name=name,
            series_id=series,
            source_language="en",
            location=file.location,
            version=version.version,
            duration_s=60.0,
        )
        catalog.register(title, version)


def version_of(catalog: Catalog, name: str) -> str:
    """The version of a title that `add_titles` registered."""
    title = catalog.title(name)
    assert title is not None
    return title.version


def wanted(name: str, language: str = "es", **changes: Any) -> Request:
    """A request for a title; the version is what all titles of `add_titles` have."""
    file = FileBeside(ending="", location="/x", sha256="a" * 64, bytes=1, stamp="1")
    fields = {
        "title_id": name,
        "language": language,
        "version": SourceVersion.of(name, [file], 60.0).version,
        "plan_digest": "plan",
        "profile": "embedded",
    }
    return new_request(**fields | changes)


def names(requests: Iterable[Request]) -> list[str]:
    """Of their titles, in order."""
    return [request.title_id for request in requests]


def the(catalog: Catalog, request: Request) -> Request:
    """The request as it is in the queue."""
    found = catalog.request(request.request_id)
    assert found is not None
    return found
