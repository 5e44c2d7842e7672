"""Every test of the catalogue runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from airdub.catalog import Catalog, open_catalog
from tests.postgres import PostgresServer, either_database, postgres

__all__ = ["postgres"]


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database."""
    yield from either_database(request, tmp_path)


@pytest.fixture(scope="session")
def sqlite_schema(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the schema and nothing else."""
    file = tmp_path_factory.mktemp("schema") / "catalog.db"
    with open_catalog(f"sqlite://{file}"):
        pass
    return file


@pytest.fixture(scope="session")
def postgres_schema(postgres: PostgresServer) -> str:
    """The name of a database with the schema and nothing else."""
    url = postgres.new_database()
    with open_catalog(url):
        pass
    return url.partition("?")[0].rpartition("/")[2]


@pytest.fixture(params=["sqlite", "postgresql"])
def ready_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database with the schema: a copy, which takes less time than making one."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_schema"), tmp_path / "catalog.db")
        yield f"sqlite://{tmp_path}/catalog.db"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    made = server.new_database(like=request.getfixturevalue("postgres_schema"))
    yield made
    server.drop_database(made)


@pytest.fixture
def catalog(ready_url: str) -> Iterator[Catalog]:
    with open_catalog(ready_url) as opened:
        yield opened
