"""The catalogue in PostgreSQL: for several machines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from typing import Any

from airdub.catalog.addresses import safe_url, without_passwords
from airdub.catalog.database import Database, bug, unreachable
from airdub.errors import AirdubError, InvalidInput, TemporaryFailure

_CONNECT_TIMEOUT_S = 10
_LOCK = 0x61697264  # "aird": the number of our advisory lock
_QUEUE_LOCK = _LOCK + 1


class PostgresDatabase(Database):
    """A PostgreSQL database, by psycopg 3.

    A transaction sees what others have committed; rows that it writes are its own until it ends.
    """

    driver = "psycopg"
    begin = "BEGIN"

    def __init__(self, url: str) -> None:
        self.url = url
        self.name = safe_url(url)

    @classmethod
    def spelled(cls, text: str) -> str:
        """With the row locks that stand in comments: SQLite, whose writers are alone, has none."""
        return re.sub(r"/\* (FOR UPDATE[A-Z ]*) \*/", r"\1", text)

    def connect(self) -> Any:
        """A connection on which transactions are begun by hand."""
        import psycopg

        return psycopg.connect(self.url, autocommit=True, connect_timeout=_CONNECT_TIMEOUT_S)

    def open(self) -> None:
        """Connect."""
        from psycopg.rows import dict_row

        self.connection = self.connect()
        self.connection.row_factory = dict_row

    def has_table(self, name: str) -> bool:
        """Whether there is such a table."""
        query = "SELECT to_regclass(%s) IS NOT NULL AS found"
        return bool(self.connection.execute(query, [name]).fetchone()["found"])

    @contextmanager
    def alone(self) -> Iterator[None]:
        """An advisory lock, held by a connection of its own."""
        with closing(self.connect()) as connection:
            connection.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
            yield

    def migrator(self) -> Any:
        """yoyo's for psycopg 3."""
        from yoyo.backends.core.postgresql import PostgresqlPsycopgBackend

        return PostgresqlPsycopgBackend

    def hold_queue(self) -> None:
        """An advisory lock; who claims doesn't wait for it."""
        self.connection.execute("SELECT pg_advisory_xact_lock(%s)", [_QUEUE_LOCK])

    def clock(self) -> datetime:
        """The server's, also in a transaction that began long ago."""
        found: datetime = self.connection.execute("SELECT clock_timestamp() AS time").fetchone()[
            "time"
        ]
        return found

    def error(self, error: BaseException) -> AirdubError | None:
        """What an error of psycopg means."""
        import psycopg

        if not isinstance(error, psycopg.Error):
            return None
        text = without_passwords(str(error).strip(), self.url)
        state = error.sqlstate or ""
        if state.startswith(("40", "53", "55")):  # rolled back, out of resources, locked
            return TemporaryFailure(text, where=self.name)
        if isinstance(error, psycopg.OperationalError):
            return unreachable(self.name, text)
        if isinstance(error, psycopg.DataError) and not state:  # a value that can't be sent
            return InvalidInput(text, where=self.name, remedy="write it without control characters")
        return bug(self.name, error, text)
