"""The catalogue in one SQLite file: for one machine."""

from __future__ import annotations

import fcntl
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from airdub.catalog.database import Database, bug, unreachable
from airdub.errors import AirdubError, InvalidInput, TemporaryFailure

_BUSY_TIMEOUT_S = 30
_CACHE_KB = 65536  # at most: what a claim of a thousand requests changes fits into it


class SqliteDatabase(Database):
    """A file. Readers never wait; writers wait for each other up to 30 s."""

    driver = "sqlite3"
    begin = "BEGIN IMMEDIATE"  # writes from its beginning: it can't fail half-way as busy

    def __init__(self, file: Path) -> None:
        self.file = file
        self.name = f"sqlite://{file}"

    def connect(self) -> sqlite3.Connection:
        """A connection that checks foreign keys, waits for others, and commits to the disk."""
        connection = sqlite3.connect(self.file, timeout=_BUSY_TIMEOUT_S, isolation_level=None)
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA cache_size = -{_CACHE_KB}")
        return connection

    def open(self) -> None:
        """Connect; makes the file, for its owner alone, if there is none."""
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            self.file.touch(mode=0o600)
        except OSError as error:
            raise unreachable(self.name, error.strerror) from error
        self.connection = self.connect()
        self._write_ahead()
        self.connection.row_factory = _as_dict

    def _write_ahead(self) -> None:
        """Make its log a write-ahead one, for good: SQLite lets nobody wait for that."""
        if self.connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
            with self.alone():
                self.connection.execute("PRAGMA journal_mode = WAL")

    def has_table(self, name: str) -> bool:
        """Whether there is such a table."""
        query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
        return self.connection.execute(query, [name]).fetchone() is not None

    @contextmanager
    def alone(self) -> Iterator[None]:
        """A lock on a file beside the database."""
        with self.file.with_name(f"{self.file.name}.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def migrator(self) -> Any:
        """yoyo's for SQLite."""
        from yoyo.backends.core.sqlite3 import SQLiteBackend

        return SQLiteBackend

    def hold_queue(self) -> None:
        """Whoever writes is alone."""

    def clock(self) -> datetime:
        """This machine's: the file's only one."""
        return datetime.now(UTC)

    def error(self, error: BaseException) -> AirdubError | None:
        """What an error of sqlite3 means."""
        if not isinstance(error, sqlite3.Error):
            return None
        name = "_".join(getattr(error, "sqlite_errorname", "").split("_")[:2])
        return _MEANINGS.get(name, bug)(self.name, error)


def _as_dict(cursor: sqlite3.Cursor, row: tuple[Any, ...]) -> dict[str, Any]:
    return {column[0]: value for column, value in zip(cursor.description, row, strict=True)}


def _busy(name: str, error: BaseException) -> AirdubError:
    return TemporaryFailure(f"somebody else is writing: {error}", where=name)


def _unwritable(name: str, error: BaseException) -> AirdubError:
    return TemporaryFailure(f"it can't be written: {error}", where=name, remedy="free disk space")


def _damaged(name: str, error: BaseException) -> AirdubError:
    return InvalidInput(
        f"the catalogue is damaged: {error}",
        where=name,
        remedy="restore it from a backup, see docs/operating.md",
    )


_MEANINGS: dict[str, Callable[[str, BaseException], AirdubError]] = {
    "SQLITE_BUSY": _busy,
    "SQLITE_LOCKED": _busy,
    "SQLITE_FULL": _unwritable,
    "SQLITE_IOERR": _unwritable,
    "SQLITE_CANTOPEN": unreachable,
    "SQLITE_READONLY": unreachable,
    "SQLITE_PERM": unreachable,
    "SQLITE_AUTH": unreachable,
    "SQLITE_CORRUPT": _damaged,
    "SQLITE_NOTADB": _damaged,
}
