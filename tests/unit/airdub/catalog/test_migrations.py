"""Migrations up and down, on data; and those that are killed or newer than the code."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest
from yoyo.migrations import MigrationStep

from airdub import catalog as catalogs
from airdub.catalog import Catalog, migrating, open_catalog, roll_back
from airdub.catalog.database import Database
from airdub.catalog.migrating import MIGRATIONS, migration_ids
from airdub.consents import Use, new_consent
from airdub.errors import InvalidInput
from airdub.queue.documents import Quota, RightsWindow, Rollout, StandingOrder
from tests.unit.airdub.catalog.judged import FORK, judgement
from tests.unit.airdub.catalog.queued import add_titles, wanted
from tests.unit.airdub.catalog.test_concurrency import kill

IDS = migration_ids()

_SQLITE_SCHEMA = "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"
_POSTGRES_SCHEMA = """
SELECT 'column' AS type, table_name || '.' || column_name AS name,
  data_type || ' ' || is_nullable || ' ' || coalesce(column_default, '') AS sql
FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT 'constraint', conrelid::regclass || ' ' || conname, pg_get_constraintdef(oid)
FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
"""
_TABLES = {
    "sqlite3": "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
    "psycopg": "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'",
}

Rows = dict[str, list[dict[str, Any]]]


@contextmanager
def connected(url: str) -> Iterator[Database]:
    """The database as it is: no migration runs."""
    with catalogs._connected(url) as database:
        yield database


def schema(url: str) -> set[tuple[str, str, str]]:
    """Everything that a schema is made of but the migrations' own tables."""
    with connected(url) as database:
        query = _SQLITE_SCHEMA if database.driver == "sqlite3" else _POSTGRES_SCHEMA
        rows = database.connection.execute(query).fetchall()
    parts = {(row["type"], row["name"], _plain(row["sql"] or "")) for row in rows}
    return {part for part in parts if not _is_yoyo(part[1])}


def rows(url: str) -> Rows:
    """Every row of every table."""
    with connected(url) as database:
        run = database.connection.execute
        names = sorted(row["name"] for row in run(_TABLES[database.driver]).fetchall())
        return {
            name: sorted(run(f"SELECT * FROM {name}").fetchall(), key=str)  # noqa: S608
            for name in names
            if not _is_yoyo(name)
        }


def _narrowed(rows: Rows, to: Rows) -> Rows:
    """The rows in those tables and columns that others have."""
    columns = {name: list(found[0]) for name, found in to.items() if found}
    return {
        name: sorted(
            ({column: row[column] for column in columns[name]} for row in rows.get(name, [])),
            key=str,
        )
        if name in columns
        else rows.get(name, [])
        for name in to
    }


def _plain(sql: str) -> str:
    """Without comments and line breaks, which SQLite keeps."""
    return " ".join(re.sub(r"--.*", "", sql).split())


def _is_yoyo(name: str) -> bool:
    return "yoyo" in name or "schema_migration" in name


def fill(catalog: Catalog) -> None:
    """Something of everything that a library holds."""
    agreed = catalog.grant(new_consent("Ana", list(Use), "e" * 64)).consent_id
    for number, consequence in enumerate(("publish", "repair", "review", "quarantine")):
        catalog.record_judgement(judgement(f"run-{number}", consequence, run={"title_id": "a"}))
    catalog.record_judgement(judgement("shown"))
    catalog.show_next_review("task")
    catalog.set_cast("a", {"ANNA": "Ana"})
    catalog.note_uses("run-0", "lipsync", Use.LIKENESS, [agreed])
    add_titles(catalog, ["a", "b"], series="tower")
    catalog.order(StandingOrder(order_id="o", language="es", profile="embedded"))
    catalog.begin_rollout(Rollout(plan_digest="x", profile="p", language="es", canaries=1))
    catalog.enqueue([wanted("a"), wanted("b"), wanted("a", "fr", plan_digest="x")], "lane")
    catalog.claim(1)
    catalog.set_quota(Quota(scope="all", per_day=9))
    catalog.set_rights(RightsWindow(window_id="w", title_id="b", opens_at="2026", closes_at="2027"))
    catalog.pause("asked", "for a while")
    catalog.resume("ana")


def old_version(folder: Path, last: str) -> Path:
    """The migrations that a version had whose newest was that one."""
    folder.mkdir(exist_ok=True)
    for file in MIGRATIONS.glob("*.sql"):
        if file.name.partition(".")[0] <= last:
            shutil.copy(file, folder)
    return folder


@pytest.fixture
def as_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], pytest.MonkeyPatch]:
    """Make this the version whose newest migration was that one."""

    def choose(last: str) -> pytest.MonkeyPatch:
        folder = old_version(tmp_path / f"as-of-{last}", last)
        monkeypatch.setattr(migrating, "MIGRATIONS", folder)
        return monkeypatch

    return choose


def test_every_migration_can_be_taken_back() -> None:
    assert [name for name in IDS if not (MIGRATIONS / f"{name}.rollback.sql").is_file()] == []


def test_down_and_up_again_step_by_step_on_data(
    url: str, as_of: Callable[[str], pytest.MonkeyPatch]
) -> None:
    schemas, known = {}, {}
    for last in IDS:
        as_of(last)
        with open_catalog(url):
            schemas[last] = schema(url)
    with open_catalog(url) as catalog:
        fill(catalog)
    known = rows(url)
    assert [name for name, found in known.items() if not found and name in _FILLED] == []
    for last in reversed(IDS[:-1]):
        assert roll_back(url, last) == [IDS[IDS.index(last) + 1]]
        assert schema(url) == schemas[last]
        found = rows(url)
        assert found == _narrowed(known, found)  # all that is left is whole
    with open_catalog(url) as catalog:
        assert schema(url) == schemas[IDS[-1]]
        assert catalog.judgement("run-0") is not None
        assert catalog.quotas() == []  # what only the newer tables held is gone


_FILLED = (
    "dub_run", "repair", "review", "quarantine", "consent", "review_task", "title", "dub_request",
    "quota", "rights_window", "queue_pause", "rollout", "standing_order", "queue_turn",
)  # fmt: skip


def test_the_older_version_works_on_what_was_taken_back(
    url: str, as_of: Callable[[str], pytest.MonkeyPatch]
) -> None:
    with open_catalog(url) as catalog:
        fill(catalog)
    assert roll_back(url, "0004_review_tasks") == IDS[:3:-1]
    as_of("0004_review_tasks")
    with open_catalog(url) as catalog:
        assert [one.run_id for one in catalog.reviews()] == ["shown"]
        catalog.record_judgement(judgement("later"))
        assert not catalog._database.has_table("dub_request")


def test_only_a_known_migration_can_be_gone_back_to(url: str) -> None:
    with open_catalog(url) as catalog:
        fill(catalog)
    with pytest.raises(InvalidInput, match="no migration '9999_tomorrow'") as caught:
        roll_back(url, "9999_tomorrow")
    assert IDS[0] in caught.value.remedy
    assert roll_back(url, IDS[-1]) == []


def test_a_catalogue_that_is_newer_than_the_code_is_refused_and_left_alone(
    url: str, as_of: Callable[[str], pytest.MonkeyPatch]
) -> None:
    with open_catalog(url) as catalog:
        fill(catalog)
    before = schema(url), rows(url)
    as_of("0005_library")
    with pytest.raises(InvalidInput, match="newer than this version") as caught, open_catalog(url):
        pass
    assert "0006_queue" in str(caught.value)
    assert "update airdub" in caught.value.remedy
    with pytest.raises(InvalidInput, match="newer than this version"):
        roll_back(url, "0004_review_tasks")
    assert (schema(url), rows(url)) == before


@pytest.mark.parametrize("direction", ["up", "down"])
def test_a_migration_killed_in_its_middle_leaves_nothing_and_blocks_nobody(
    url: str, direction: str, as_of: Callable[[str], pytest.MonkeyPatch]
) -> None:
    as_of("0005_library" if direction == "up" else "0006_queue")
    with open_catalog(url) as catalog:
        catalog.record_judgement(judgement("run"))
    before = schema(url)
    as_of("0006_queue")

    def migrate_and_hang(ready: Connection) -> None:
        hang_after(5, ready)
        if direction == "up":
            with open_catalog(url):
                return
        roll_back(url, "0005_library")

    receiver, sender = FORK.Pipe(duplex=False)
    process = FORK.Process(target=migrate_and_hang, args=(sender,))
    process.start()
    assert receiver.recv() == "5 statements are done"
    kill(process)
    limit = time.monotonic() + 10
    while schema(url) != before and time.monotonic() < limit:
        time.sleep(0.05)  # until the server has seen that its client is gone
    assert schema(url) == before
    with open_catalog(url) as catalog:
        assert catalog.judgement("run") is not None
        catalog.set_quota(Quota(scope="all", per_day=1))
    assert roll_back(url, "0005_library") == ["0006_queue"]


def hang_after(count: int, ready: Connection) -> None:
    """Let the migrations of this process stand still after so many statements."""
    real, done = MigrationStep._execute, []

    def execute(*of: Any) -> None:
        real(*of)
        done.append(of)
        if len(done) == count:
            ready.send(f"{count} statements are done")
            time.sleep(60)

    MigrationStep._execute = execute
