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
    text = PostgresDatabase.spelled(body).replace("%", "%%")
    values = dict.fromkeys(_VALUE.findall(text), "1")
    cursor.execute("EXPLAIN " + _VALUE.sub(r"%(\1)s", text), values)
    return [row[0] for row in cursor.fetchall()]


def test_a_comment_may_hold_a_semicolon() -> None:
    text = "-- name: one(a)^\n-- This; and that.\nSELECT 1;\n\n-- name: two()\nSELECT 2;\n"
    assert bodies(text) == {"one": "SELECT 1;", "two": "SELECT 2;"}
    assert len(BODIES) == _TEXT.count("-- name: ")


def test_sqlite_reads_no_whole_table(tmp_path: Path) -> None:
    with open_catalog(f"sqlite://{tmp_path}/catalog.db"):
        pass
    connection = sqlite3.connect(tmp_path / "catalog.db")
    scans = {
        name: [step for step in sqlite_plan(connection, body) if re.match(r"SCAN \w+$", step)]
        for name, body in BODIES.items()
    }
    assert {name: found for name, found in scans.items() if found} == {}


@pytest.fixture
def cursor(postgres: PostgresServer, postgres_schema: str) -> Iterator[psycopg.ClientCursor[Any]]:
    """On PostgreSQL, where it has no other choice than an index when there is one."""
    url = postgres.new_database(like=postgres_schema)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET enable_seqscan = off")
        yield psycopg.ClientCursor(connection)
    postgres.drop_database(url)


def test_postgresql_reads_no_whole_table(cursor: psycopg.ClientCursor[Any]) -> None:
    scans = {
        name: [step for step in postgres_plan(cursor, body) if "Seq Scan on" in step]
        for name, body in BODIES.items()
    }
    assert {name: found for name, found in scans.items() if found} == {}


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
    "recent_ends": "dub_request_ended",
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
