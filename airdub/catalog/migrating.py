"""The catalogue's schema: brought up to date by whoever opens it first, never half-way.

The migrations are plain SQL under `sql/migrations`, run by yoyo; `NNNN_name.rollback.sql` takes one
back. yoyo records a migration in a second transaction and leaves its lock behind when it is killed;
here each migration and its record are one transaction, under a lock that dies with its holder.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator
from contextlib import contextmanager, redirect_stdout
from io import StringIO
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
    wanted = migration_ids()
    if _applied(database, wanted) == set(wanted):
        return
    with database.alone():
        if _applied(database, wanted) != set(wanted):
            _apply(database)


def roll_back(database: Database, last: str) -> list[str]:
    """Take back every migration after one, the newest first, for an older version of airdub.

    What only their tables hold is lost; all else stays. Nobody else may use the catalogue
    meanwhile: who opens it with this version brings it up to date again.

    Args:
        last: the newest migration that stays, as the older version's `sql/migrations` has it.

    Returns:
        Ids of the migrations that were taken back.

    Raises:
        InvalidInput: there is no such migration, or the schema is newer than this version.
    """
    known = migration_ids()
    if last not in known:
        raise InvalidInput(
            f"there is no migration {last!r}",
            where=database.name,
            remedy=f"choose one of: {', '.join(known)}",
        )
    with database.alone():
        _applied(database, known)
        return _take_back(database, last)


def migration_ids() -> list[str]:
    """Ids of the migrations of this version, in their order."""
    files = (file.name for file in MIGRATIONS.glob("*.sql"))
    return sorted(name.removesuffix(".sql") for name in files if not name.endswith(".rollback.sql"))


def _applied(database: Database, known: Collection[str]) -> set[str]:
    """Ids of the migrations that were applied.

    Raises:
        InvalidInput: one of them is unknown to this version.
    """
    if not database.has_table(_TABLE):
        return set()
    rows = database.connection.execute(f"SELECT migration_id FROM {_TABLE}").fetchall()  # noqa: S608
    applied = {row["migration_id"] for row in rows}
    if unknown := sorted(applied.difference(known)):
        raise InvalidInput(
            f"its schema is newer than this version of airdub: it has {', '.join(unknown)}",
            where=database.name,
            remedy="update airdub, or point AIRDUB_CATALOG to another catalogue",
        )
    return applied


def _apply(database: Database) -> None:
    with _yoyo(database) as (yoyo, migrations):
        for migration in yoyo.to_apply(migrations):
            with yoyo.transaction():
                migration.process_steps(yoyo, "apply")
                yoyo.mark_one(migration, log=False)
            log.info("%s: applied %s", database.name, migration.id)


def _take_back(database: Database, last: str) -> list[str]:
    taken = []
    with _yoyo(database) as (yoyo, migrations):
        for migration in yoyo.to_rollback(migrations):
            if migration.id <= last:
                break
            with yoyo.transaction():
                migration.process_steps(yoyo, "rollback")
                yoyo.unmark_one(migration, log=False)
            log.info("%s: took back %s", database.name, migration.id)
            taken.append(migration.id)
    return taken


@contextmanager
def _yoyo(database: Database) -> Iterator[tuple[Any, Any]]:
    """yoyo on a connection of its own, and the migrations."""
    from yoyo import read_migrations

    logging.getLogger("yoyo").setLevel(logging.WARNING)  # it tells of every statement
    with _migrator(database) as yoyo, redirect_stdout(StringIO()):  # it prints what SQLite looks up
        yoyo.create_lock_table()
        yoyo.break_lock()  # of one that was killed: ours is the lock that counts
        yoyo.ensure_internal_schema_updated()
        yield yoyo, read_migrations(str(MIGRATIONS))


def _migrator(database: Database) -> Any:
    """yoyo's backend on a connection of ours: its own can't open every file name or URL."""
    from yoyo.connections import DatabaseURI

    base: Any = database.migrator()

    class Migrator(base):  # type: ignore[misc]
        def connect(self, dburi: Any) -> Any:
            return database.connect()

    return Migrator(DatabaseURI("", None, None, None, None, None, {}), _TABLE)
