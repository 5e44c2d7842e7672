"""The catalogue's schema: brought up to date by whoever opens it first, never half-way.

The migrations are plain SQL under `sql/migrations`, run by yoyo. yoyo records a migration in a
second transaction and leaves its lock behind when it is killed; here each migration and its record
are one transaction, under a lock that dies with its holder.
"""

from __future__ import annotations

import logging
from typing import Any

from airdub.catalog.database import Database
from airdub.errors import InvalidInput
from airdub.settings import PROJECT

log = logging.getLogger(__name__)

MIGRATIONS = PROJECT / "sql" / "migrations"

_TABLE = "schema_migration"


def migrate(database: Database) -> None:
    """Bring the schema to this version; safe with any number of openers at once.

    Raises:
        InvalidInput: the schema is newer than this version of airdub.
    """
    wanted = {file.stem for file in MIGRATIONS.glob("*.sql")}
    if _applied(database, wanted) == wanted:
        return
    with database.alone():
        if _applied(database, wanted) != wanted:
            _apply(database)


def _applied(database: Database, known: set[str]) -> set[str]:
    """Ids of the migrations that were applied.

    Raises:
        InvalidInput: one of them is unknown to this version.
    """
    if not database.has_table(_TABLE):
        return set()
    rows = database.connection.execute(f"SELECT migration_id FROM {_TABLE}").fetchall()  # noqa: S608
    applied = {row["migration_id"] for row in rows}
    if unknown := sorted(applied - known):
        raise InvalidInput(
            f"its schema is newer than this version of airdub: it has {', '.join(unknown)}",
            where=database.name,
            remedy="update airdub, or point AIRDUB_CATALOG to another catalogue",
        )
    return applied


def _apply(database: Database) -> None:
    from yoyo import read_migrations

    logging.getLogger("yoyo").setLevel(logging.WARNING)  # it tells of every statement
    with _migrator(database) as yoyo:
        yoyo.create_lock_table()
        yoyo.break_lock()  # of one that was killed: ours is the lock that counts
        yoyo.ensure_internal_schema_updated()
        for migration in yoyo.to_apply(read_migrations(str(MIGRATIONS))):
            with yoyo.transaction():
                migration.process_steps(yoyo, "apply")
                yoyo.mark_one(migration, log=False)
            log.info("%s: applied %s", database.name, migration.id)


def _migrator(database: Database) -> Any:
    """yoyo's backend on a connection of ours: its own can't open every file name or URL."""
    from yoyo.connections import DatabaseURI

    base: Any = database.migrator()

    class Migrator(base):  # type: ignore[misc]
        def connect(self, dburi: Any) -> Any:
            return database.connect()

    return Migrator(DatabaseURI("", None, None, None, None, None, {}), _TABLE)
