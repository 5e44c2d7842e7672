"""The database behind the catalogue: SQLite or PostgreSQL, with the same queries.

Whatever differs between the two is here: how to connect, how a transaction begins, and which of
the driver's errors means what.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote

from airdub.errors import (
    AirdubError,
    DependencyUnavailable,
    EngineFailed,
    InvalidInput,
    TemporaryFailure,
)
from airdub.settings import PROJECT

log = logging.getLogger(__name__)

QUERIES = PROJECT / "sql" / "queries"

_BUSY_TIMEOUT_S = 30
_CONNECT_TIMEOUT_S = 10


class Database(Protocol):
    """An open connection."""

    name: str
    """How it is called in messages: never with a password."""

    def open(self) -> None:
        """Connect."""
        ...

    def transaction(self) -> AbstractContextManager[None]:
        """Commits at its end, rolls back on an exception."""
        ...

    def run(self, query: str, values: dict[str, Any]) -> Any:
        """Run a named query."""
        ...

    def run_many(self, query: str, rows: list[dict[str, Any]]) -> None:
        """Run a named statement for each row."""
        ...

    def error(self, error: BaseException) -> AirdubError | None:
        """What an error of the driver means; None when it isn't the driver's."""
        ...

    def close(self) -> None:
        """Close the connection."""
        ...


class _Queries:
    """Runs the queries of `sql/queries` on a connection."""

    driver = ""
    connection: Any = None

    def run(self, query: str, values: dict[str, Any]) -> Any:
        """Run a named query; rows are dictionaries."""
        found = getattr(_queries(self.driver), query)(self.connection, **values)
        return list(found) if isinstance(found, Iterator) else found

    def run_many(self, query: str, rows: list[dict[str, Any]]) -> None:
        """Run a named statement for each row."""
        getattr(_queries(self.driver), query)(self.connection, rows)

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[None]:
        self.connection.execute(begin)
        try:
            yield
        except BaseException:
            self._roll_back()
            raise
        self.connection.execute("COMMIT")

    def _roll_back(self) -> None:
        try:
            self.connection.execute("ROLLBACK")
        except Exception as error:
            if self.error(error) is None:
                raise
            log.warning("rolled back by the database itself: %s", self.error(error))

    def error(self, error: BaseException) -> AirdubError | None:
        """What an error of the driver means; None when it isn't the driver's."""
        raise NotImplementedError

    def close(self) -> None:
        """Close the connection."""
        if self.connection is not None:
            self.connection.close()


@cache
def _queries(driver: str) -> Any:
    import aiosql

    return aiosql.from_path(QUERIES, driver, encoding="utf-8")


class SqliteDatabase(_Queries):
    """A file. Readers never wait; writers wait for each other up to 30 s."""

    driver = "sqlite3"

    def __init__(self, file: Path) -> None:
        self.file = file
        self.name = f"sqlite://{file}"

    def open(self) -> None:
        """Connect; makes the file, for its owner alone, if there is none."""
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            self.file.touch(mode=0o600)
        except OSError as error:
            raise _unreachable(self.name, error.strerror) from error
        self.connection = connect_sqlite(self.file)
        self.connection.row_factory = _as_dict

    def has_table(self, name: str) -> bool:
        """Whether there is such a table."""
        query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
        return self.connection.execute(query, [name]).fetchone() is not None

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """A transaction that writes from its beginning, so that it can't fail half-way as busy."""
        with self._transaction("BEGIN IMMEDIATE"):
            yield

    def error(self, error: BaseException) -> AirdubError | None:
        """What an error of sqlite3 means."""
        if not isinstance(error, sqlite3.Error):
            return None
        name = "_".join(getattr(error, "sqlite_errorname", "").split("_")[:2])
        return _SQLITE_MEANINGS.get(name, _bug)(self.name, error)


def _busy(name: str, error: BaseException) -> AirdubError:
    return TemporaryFailure(f"somebody else is writing: {error}", where=name)


def _unwritable(name: str, error: BaseException) -> AirdubError:
    return TemporaryFailure(f"it can't be written: {error}", where=name, remedy="free disk space")


def _unreachable(name: str, error: object) -> AirdubError:
    return DependencyUnavailable(
        f"the catalogue can't be reached: {error}",
        where=name,
        remedy="start the database, or correct AIRDUB_CATALOG",
    )


def _damaged(name: str, error: BaseException) -> AirdubError:
    return InvalidInput(
        f"the catalogue is damaged: {error}",
        where=name,
        remedy="restore it from a backup, see docs/operating.md",
    )


def _bug(name: str, error: BaseException) -> AirdubError:
    return EngineFailed(f"{type(error).__name__}: {error}", where=name)


_SQLITE_MEANINGS: dict[str, Callable[[str, BaseException], AirdubError]] = {
    "SQLITE_BUSY": _busy,
    "SQLITE_LOCKED": _busy,
    "SQLITE_FULL": _unwritable,
    "SQLITE_IOERR": _unwritable,
    "SQLITE_CANTOPEN": _unreachable,
    "SQLITE_READONLY": _unreachable,
    "SQLITE_PERM": _unreachable,
    "SQLITE_AUTH": _unreachable,
    "SQLITE_CORRUPT": _damaged,
    "SQLITE_NOTADB": _damaged,
}


def connect_sqlite(file: Path) -> sqlite3.Connection:
    """A connection that checks foreign keys, waits for others, and commits to the disk."""
    connection = sqlite3.connect(file, timeout=_BUSY_TIMEOUT_S, isolation_level=None)
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def _as_dict(cursor: sqlite3.Cursor, row: tuple[Any, ...]) -> dict[str, Any]:
    return {column[0]: value for column, value in zip(cursor.description, row, strict=True)}


class PostgresDatabase(_Queries):
    """A PostgreSQL database, by psycopg 3."""

    driver = "psycopg"

    def __init__(self, url: str) -> None:
        self.url = url
        self.name = safe_url(url)

    def open(self) -> None:
        """Connect."""
        from psycopg.rows import dict_row

        self.connection = connect_postgres(self.url)
        self.connection.row_factory = dict_row

    def has_table(self, name: str) -> bool:
        """Whether there is such a table."""
        query = "SELECT to_regclass(%s) IS NOT NULL AS found"
        return bool(self.connection.execute(query, [name]).fetchone()["found"])

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """A transaction that sees what others have committed; rows that it writes are its own."""
        with self._transaction("BEGIN"):
            yield

    def error(self, error: BaseException) -> AirdubError | None:
        """What an error of psycopg means."""
        import psycopg

        if not isinstance(error, psycopg.Error):
            return None
        text = self._safe(str(error).strip())
        state = error.sqlstate or ""
        if state.startswith(("40", "53", "55")):  # rolled back, out of resources, locked
            return TemporaryFailure(text, where=self.name)
        if isinstance(error, psycopg.OperationalError):
            return _unreachable(self.name, text)
        return EngineFailed(f"{type(error).__name__}: {text}", where=self.name)

    def _safe(self, text: str) -> str:
        """A message of the driver without the password, which some of them quote."""
        secrets = {unquote(part) for part in _passwords(self.url)} | set(_passwords(self.url))
        for secret in sorted(secrets - {""}, key=len, reverse=True):
            text = text.replace(secret, "***")
        return text


def connect_postgres(url: str) -> Any:
    """A connection on which transactions are begun by hand."""
    import psycopg

    return psycopg.connect(url, autocommit=True, connect_timeout=_CONNECT_TIMEOUT_S)


def find_database(url: str) -> SqliteDatabase | PostgresDatabase:
    """The database of a URL, not yet connected.

    Raises:
        InvalidInput: it is neither `sqlite:///file` nor `postgresql://...`.
    """
    scheme, _, rest = url.partition("://")
    if scheme == "sqlite" and rest.startswith("/"):
        return SqliteDatabase(Path(unquote(rest)))
    if scheme in ("postgresql", "postgres"):
        return PostgresDatabase(url)
    raise InvalidInput(
        f"{safe_url(url)!r} is no catalogue",
        where="AIRDUB_CATALOG",
        remedy="use sqlite:///ABSOLUTE/PATH or postgresql://USER@HOST:PORT/NAME",
    )


def safe_url(url: str) -> str:
    """The URL without its password, and without its options, which may hold one."""
    scheme, _, rest = url.partition("://")
    user, at, place = rest.partition("?")[0].rpartition("@")
    return f"{scheme}://{user.partition(':')[0]}{at}{place}"


def _passwords(url: str) -> list[str]:
    """Passwords in a URL as they are spelled there."""
    address, _, options = url.partition("://")[2].partition("?")
    found = [address.rpartition("@")[0].partition(":")[2]]
    found += [
        text
        for name, _, text in (one.partition("=") for one in options.split("&"))
        if "password" in name
    ]
    return found
