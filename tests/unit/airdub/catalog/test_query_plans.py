"""How databases find what queries ask for: by an index, in a library of a million titles."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import tuple_row

from airdub.catalog import Catalog, open_catalog
from airdub.catalog.database import QUERIES
from airdub.catalog.postgresql import PostgresDatabase
from tests.postgres import PostgresServer
from tests.unit.airdub.catalog.queued import add_titles, wanted


def bodies(text: str) -> dict[str, str]:
    """Queries by name, without their comments."""
    parts = re.findall(r"^-- name: (\w+)[^\n]*\n(.*?)(?=^-- name: |\Z)", text, re.M | re.S)
    return {name: re.sub(r"--[^\n]*", "", body).strip() for name, body in parts}


_TEXT = "\n".join(file.read_text() for file in sorted(QUERIES.glob("*.sql")))
BODIES = bodies(_TEXT)

_VALUE = re.compile(r"(?<=[ (]):(\w+)")


def sqlite_plan(connection: sqlite3.Connection, body: str) -> list[str]:
    """The steps by which SQLite would run a query."""
    values = dict.fromkeys(_VALUE.findall(body), 1)
    return [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {body}", values).fetchall()]


def postgres_plan(cursor: psycopg.ClientCursor[Any], body: str) -> list[str]:
    """The steps by which PostgreSQL would run a query."""
    return [row[0] for row in explained(cursor, "EXPLAIN ", body)]


def explained(cursor: psycopg.ClientCursor[Any], how: str, body: str) -> list[tuple[Any, ...]]:
    text = PostgresDatabase.spelled(body).replace("%", "%%")
    values = dict.fromkeys(_VALUE.findall(text), "1")
    cursor.execute(how + _VALUE.sub(r"%(\1)s", text), values)
    return cursor.fetchall()


WHOLE = {
    "all_consents",
    "all_pauses",
    "count_requests",
    "find_quotas",
    "find_releases",
    "has_rights_windows",
    "hold_quotas",
}
"""Queries that want all that there is, or its first rows in the order of an index."""

_NO_TABLE = re.compile(r"SCAN (json_each VIRTUAL TABLE|CONSTANT ROW|\(subquery)")


def sqlite_walks(connection: sqlite3.Connection, body: str) -> list[str]:
    """What a query reads from end to end, by an index or not."""
    own = {f"SCAN {name}" for name in re.findall(r"(\w+) AS MATERIALIZED", body)}
    steps = [step for step in sqlite_plan(connection, body) if step.startswith("SCAN ")]
    return [step for step in steps if not _NO_TABLE.match(step) and step not in own]


def postgres_walks(cursor: psycopg.ClientCursor[Any], body: str) -> list[str]:
    """What a query reads from end to end: tables, and indexes that it has no condition for.

    In an empty table a partial index seems the shortest way, whatever is looked for. So it is taken
    away, and the next way counts.
    """
    with cursor.connection.transaction(force_rollback=True):
        cursor.execute("SELECT indexrelid::regclass::text FROM pg_index WHERE indpred IS NOT NULL")
        partial = {name for (name,) in cursor.fetchall()}
        while True:
            steps = [step for step in postgres_steps(cursor, body) if is_walk(step)]
            walked = [step.get("Index Name") or step["Relation Name"] for step in steps]
            if not partial.intersection(walked):
                return walked
            cursor.execute(f"DROP INDEX {', '.join(partial.intersection(walked))}")


def is_walk(step: dict[str, Any]) -> bool:
    kind = step["Node Type"]
    return kind == "Seq Scan" or ("Index" in kind and "Index Cond" not in step)


def postgres_steps(cursor: psycopg.ClientCursor[Any], body: str) -> Iterator[dict[str, Any]]:
    """The steps as PostgreSQL describes them to programs, each before those that it consists of."""
    (row,) = explained(cursor, "EXPLAIN (FORMAT JSON) ", body)
    waiting = [row[0][0]["Plan"]]
    while waiting:
        step = waiting.pop()
        yield step
        waiting += step.get("Plans", ())


def test_a_comment_may_hold_a_semicolon() -> None:
    text = "-- name: one(a)^\n-- This; and that.\nSELECT 1;\n\n-- name: two()\nSELECT 2;\n"
    assert bodies(text) == {"one": "SELECT 1;", "two": "SELECT 2;"}
    assert len(BODIES) == _TEXT.count("-- name: ")


def test_sqlite_reads_no_whole_table(tmp_path: Path) -> None:
    with open_catalog(f"sqlite://{tmp_path}/catalog.db"):
        pass
    connection = sqlite3.connect(tmp_path / "catalog.db")
    walks = {name: sqlite_walks(connection, body) for name, body in BODIES.items()}
    assert {name: found for name, found in walks.items() if found and name not in WHOLE} == {}
    assert {name for name, found in walks.items() if found} == WHOLE


@pytest.fixture
def cursor(postgres: PostgresServer, postgres_schema: str) -> Iterator[psycopg.ClientCursor[Any]]:
    """On PostgreSQL, where it has no other choice than an index when there is one."""
    url = postgres.new_database(like=postgres_schema)
    with psycopg.connect(url, autocommit=True) as connection:
        for other in ("seqscan", "hashjoin", "mergejoin"):
            connection.execute(f"SET enable_{other} = off")
        yield psycopg.ClientCursor(connection)
    postgres.drop_database(url)


def test_postgresql_reads_no_whole_table(cursor: psycopg.ClientCursor[Any]) -> None:
    walks = {name: postgres_walks(cursor, body) for name, body in BODIES.items()}
    assert {name: found for name, found in walks.items() if found and name not in WHOLE} == {}
    assert {name for name, found in walks.items() if found} == WHOLE


WALKED = {
    "next_group": "dub_request_ready",
    "next_ready": "dub_request_ready",
    "next_due": "dub_request_due",
    "undefer_requests": "dub_request_deferred",
    "last_turn_of_lane": "dub_request_lane",
    "count_active": "dub_request_state",
    "dubs_claimed": "dub_request_claimed",
    "count_failures": "dub_request_reason",
    "count_requests": "dub_request_count",
    "count_canaries": "dub_request_plan",
    "recent_ends": "dub_request_come",
    "requests_in_state": "dub_request_state",
}
"""By query, the index that it must walk along however many requests there are."""

SORTED = ("next_group", "next_ready", "next_due", "recent_ends", "requests_in_state")
"""Queries that stop early: their index has their order, and nothing is sorted."""


@pytest.fixture
def library(catalog: Catalog) -> Catalog:
    """A queue large enough that databases choose, and know what they choose from."""
    names = [f"t{number:03}" for number in range(300)]
    add_titles(catalog, names)
    for language in ("es", "fr", "de", "it"):
        catalog.enqueue([wanted(name, language, plan_digest=language) for name in names], "lane")
    for one in catalog.claim(700):
        catalog.settle(one.request_id, "published", was="claimed")
    catalog._database.connection.execute("ANALYZE")
    return catalog


def test_the_queue_is_walked_along_its_indexes(library: Catalog) -> None:
    found = {}
    for name, index in WALKED.items():
        steps = plan_of(library._database.connection, BODIES[name])
        plan = " ".join(steps)
        is_sorted = name in SORTED and ("TEMP B-TREE" in plan or "Sort" in plan)
        if index not in plan or is_sorted:
            found[name] = steps
    assert found == {}


def plan_of(connection: Any, body: str) -> list[str]:
    """The steps by which the catalogue's database would run a query."""
    if isinstance(connection, sqlite3.Connection):
        connection.row_factory = None
        return sqlite_plan(connection, body)
    connection.execute("SET enable_seqscan = off")
    return postgres_plan(psycopg.ClientCursor(connection, row_factory=tuple_row), body)
