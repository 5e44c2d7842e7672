"""The catalogue's schema: brought up to date by whoever opens it first, never half-way.

The migrations are plain SQL under `sql/migrations`, run by yoyo. yoyo records a migration in a
second transaction and leaves its lock behind when it is killed; here each migration and its record
are one transaction, under a lock that dies with its holder.
"""

from __future__ import annotations

import fcntl
import logging
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from airdub.catalog.database import (
    PostgresDatabase,
    SqliteDatabase,
    connect_postgres,
    connect_sqlite,
)
from airdub.errors import InvalidInput
from airdub.settings import PROJECT

log = logging.getLogger(__name__)

MIGRATIONS = PROJECT / "sql" / "migrations"

_TABLE = "schema_migration"
_LOCK = 0x61697264  # "aird": the number of our advisory lock in PostgreSQL


def migrate(database: SqliteDatabase | PostgresDatabase) -> None:
    """Bring the schema to this version; safe with any number of openers at once.

    Raises:
        InvalidInput: the schema is newer than this version of airdub.
    """
    wanted = {file.stem for file in MIGRATIONS.glob("*.sql")}
    if _checked(database, wanted) == wanted:
        return
    with _lock(database):
        if _checked(database, wanted) != wanted:
            _apply(database)


def _checked(database: SqliteDatabase | PostgresDatabase, wanted: set[str]) -> set[str]:
    """Ids of the migrations that were applied.

    Raises:
        InvalidInput: one of them is unknown to this version.
    """
    if not database.has_table(_TABLE):
        return set()
    rows = database.connection.execute(f"SELECT migration_id FROM {_TABLE}").fetchall()  # noqa: S608
    applied = {row["migration_id"] for row in rows}
    if unknown := sorted(applied - wanted):
        raise InvalidInput(
            f"its schema is newer than this version of airdub: it has {', '.join(unknown)}",
            where=database.name,
            remedy="update airdub, or point AIRDUB_CATALOG to another catalogue",
        )
    return applied


@contextmanager
def _lock(database: SqliteDatabase | PostgresDatabase) -> Iterator[None]:
    """Held by one opener at a time; the system takes it from one that dies."""
    if isinstance(database, SqliteDatabase):
        with database.file.with_name(database.file.name + ".lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
        return
    with closing(connect_postgres(database.url)) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        yield


def _apply(database: SqliteDatabase | PostgresDatabase) -> None:
    from yoyo import read_migrations

    logging.getLogger("yoyo").setLevel(logging.WARNING)  # it tells of every statement
    with _backend(database) as backend:
        backend.create_lock_table()
        backend.break_lock()  # of one that was killed: ours is the lock that counts
        backend.ensure_internal_schema_updated()
        for migration in backend.to_apply(read_migrations(str(MIGRATIONS))):
            with backend.transaction():
                migration.process_steps(backend, "apply")
                backend.mark_one(migration, log=False)
            log.info("%s: applied %s", database.name, migration.id)


def _backend(database: SqliteDatabase | PostgresDatabase) -> Any:
    """yoyo's backend on a connection of ours: its own can't open every file name or URL."""
    from yoyo.backends.core.postgresql import PostgresqlPsycopgBackend
    from yoyo.backends.core.sqlite3 import SQLiteBackend
    from yoyo.connections import DatabaseURI

    if isinstance(database, SqliteDatabase):
        base: Any = SQLiteBackend
        made = connect_sqlite(database.file)
    else:
        base = PostgresqlPsycopgBackend
        made = connect_postgres(database.url)

    class Backend(base):  # type: ignore[misc]
        def connect(self, dburi: Any) -> Any:
            return made

    return Backend(DatabaseURI("", None, None, None, None, None, {}), _TABLE)
