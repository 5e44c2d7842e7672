"""Opening the catalogue: what can't be opened says so, and never with a password."""

from __future__ import annotations

import logging
import sqlite3
import stat
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from airdub.catalog import open_catalog, sqlite
from airdub.catalog.addresses import safe_url
from airdub.catalog.migrating import MIGRATIONS, migration_ids
from airdub.errors import AirdubError, DependencyUnavailable, InvalidInput, TemporaryFailure
from tests.postgres import PostgresServer
from tests.unit.airdub.catalog.judged import judgement


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:s3cret%21@127.0.0.1:1/airdub",
        "postgresql://127.0.0.1:1/airdub?user=me&password=s3cret%21",
        "postgresql://me:s3cret%21@nowhere.invalid/airdub?connect_timeout=2",
        "postgresql://me:s3cret%21@127.0.0.1:port/airdub",
        "postgresql://me:s3cret?more@127.0.0.1:1/airdub",
        "sqlite:////dev/null/catalog.db",
    ],
)
def test_what_can_not_be_reached_is_named_without_its_password(
    url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(DependencyUnavailable) as caught, open_catalog(url):
        pass
    assert caught.value.where == safe_url(url)
    assert "s3cret" not in f"{caught.value}{caught.value.__cause__}{caplog.text}"
    assert caught.value.__cause__ is None or "s3cret" not in repr(caught.value.__cause__)
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("url", ["mysql://me:s3cret@db/x", "sqlite://relative.db", "catalog.db"])
def test_a_url_must_be_of_a_known_database(url: str) -> None:
    with pytest.raises(InvalidInput, match="is no catalogue") as caught, open_catalog(url):
        pass
    assert "s3cret" not in str(caught.value)


def test_a_missing_database_is_named(postgres: PostgresServer) -> None:
    with pytest.raises(DependencyUnavailable, match="nosuch"), open_catalog(postgres.url("nosuch")):
        pass


def test_any_path_will_do_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    file = tmp_path / "año #1?" / "it's 100% ünï.db"
    with open_catalog(f"sqlite://{quote(str(file))}") as catalog:
        catalog.record_judgement(judgement("run"))
    with open_catalog(f"sqlite://{quote(str(file))}") as catalog:
        assert catalog.judgement("run") is not None
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_what_is_no_text_is_refused(url: str) -> None:
    with pytest.raises(InvalidInput, match="isn't UTF-8") as caught, open_catalog(url) as catalog:
        catalog.title("film-\udcff")
    assert caught.value.where == r"'film-\udcff'"


def test_what_postgresql_can_not_hold_is_refused(postgres: PostgresServer) -> None:
    url = postgres.new_database()
    with pytest.raises(InvalidInput, match="NUL"), open_catalog(url) as catalog:
        catalog.title("film\0")
    postgres.drop_database(url)


def test_a_newer_schema_is_refused(url: str) -> None:
    with open_catalog(url) as catalog:
        catalog._database.connection.execute(
            "INSERT INTO schema_migration (migration_hash, migration_id, applied_at_utc) "
            "VALUES ('x', '9999_from_tomorrow', NULL)"
        )
    with pytest.raises(InvalidInput, match="newer than this version") as caught, open_catalog(url):
        pass
    assert "9999_from_tomorrow" in str(caught.value)


def test_a_schema_of_an_older_version_is_brought_up_to_date(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = tmp_path / "older"
    older.mkdir()
    first = MIGRATIONS / f"{migration_ids()[0]}.sql"
    (older / first.name).write_text(first.read_text())
    monkeypatch.setattr("airdub.catalog.migrating.MIGRATIONS", older)
    with open_catalog(url) as catalog:
        catalog.record_judgement(judgement("run"))
    monkeypatch.undo()
    with open_catalog(url) as catalog:
        assert catalog.judgement("run") == judgement("run")
        assert catalog.releases() == []


def test_a_migration_that_fails_leaves_nothing_of_itself(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "0001_broken.sql").write_text("CREATE TABLE a (b TEXT);\nCREATE TABLE a (b TEXT);")
    monkeypatch.setattr("airdub.catalog.migrating.MIGRATIONS", tmp_path)
    with pytest.raises(AirdubError, match="already exists"), open_catalog(url):
        pass
    monkeypatch.undo()
    with open_catalog(url) as catalog:
        assert not catalog._database.has_table("a")
        assert catalog.reviews() == []


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "catalog.db").write_bytes(b"not a database, not at all " * 50)
    with (
        pytest.raises(InvalidInput, match="damaged"),
        open_catalog(f"sqlite://{tmp_path}/catalog.db"),
    ):
        pass


def test_a_writer_that_never_ends_is_waited_for_and_then_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "_BUSY_TIMEOUT_S", 0.2)
    url = f"sqlite://{tmp_path}/catalog.db"
    with open_catalog(url):
        pass
    other = sqlite3.connect(tmp_path / "catalog.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with open_catalog(url) as catalog:
        assert catalog.reviews() == []  # readers don't wait
    with pytest.raises(TemporaryFailure, match="somebody else"), open_catalog(url) as catalog:
        catalog.record_judgement(judgement("run"))
    other.close()


def test_a_connection_that_breaks_is_told_as_such(postgres: PostgresServer) -> None:
    def break_off() -> None:
        with open_catalog(url) as catalog, catalog.transaction():
            pid = catalog._database.connection.info.backend_pid
            with psycopg.connect(postgres.url(), autocommit=True) as other:
                other.execute("SELECT pg_terminate_backend(%s)", [pid])
            catalog.reviews()

    url = postgres.new_database()
    with pytest.raises(DependencyUnavailable, match="can't be reached"):
        break_off()
