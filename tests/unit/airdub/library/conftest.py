"""Libraries on files and on a real S3 protocol server, and a catalogue that knows them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from airdub.catalog import Catalog, open_catalog
from tests.postgres import either_database, postgres
from tests.unit.airdub.library.shelves import BucketShelf, FolderShelf, Shelf

__all__ = ["postgres"]


@pytest.fixture
def folder(tmp_path: Path) -> FolderShelf:
    """An empty library in a folder."""
    return FolderShelf(tmp_path / "library")


@pytest.fixture
def bucket(s3_bucket: str) -> BucketShelf:
    """An empty library in a bucket."""
    return BucketShelf(s3_bucket)


@pytest.fixture(params=["folder", "bucket"])
def shelf(request: pytest.FixtureRequest) -> Shelf:
    """An empty library."""
    made: Shelf = request.getfixturevalue(request.param)
    return made


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with open_catalog(f"sqlite://{tmp_path}/catalog.db") as opened:
        yield opened


@pytest.fixture(params=["sqlite", "postgresql"])
def catalog_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A catalogue for several at once."""
    yield from either_database(request, tmp_path)
