"""How fast the queue is with a library of a million titles.

`.venv/bin/python -m tests.benchmarks.queue [--only SQLite|PostgreSQL] [--scale 0.1]`: a million
titles with three million requests on a PostgreSQL of its own, a hundred thousand with three hundred
thousand on SQLite in a temporary folder. Exits with 1 when a requirement isn't kept. The disk is
flushed as in production on SQLite, and not at all on the test's PostgreSQL, which lies in memory
where that can be.
"""

from __future__ import annotations

import argparse
import hashlib
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any

from airdub.catalog import Catalog, open_catalog
from airdub.queue.documents import NEVER, Quota, Request, RightsWindow, new_request
from tests.postgres import postgres_server

TITLES = {"PostgreSQL": 1_000_000, "SQLite": 100_000}
LANGUAGES = ("de", "es", "fr")
_PER_SERIES = 50
_RUNS = 20
_BATCH = 50_000

_NOW = "2026-11-21T12:00:00.000000Z"
_URGENT = "2026-11-22T12:00:00.000000Z"
_VERSION = hashlib.sha256(b"version").hexdigest()

_POSTGRES = {"shared_buffers": "1GB", "max_wal_size": "4GB"}
"""A fifth of its data in its cache, as on a server of its own; the defaults are for tiny ones."""

REQUIRED_MS = {
    "PostgreSQL": {"claim 1,000": 100, "status": 1000},
    "SQLite": {"claim 1,000": 200, "status": 200},
}

Row = tuple[Any, ...]
Times = tuple[float, float]
"""Median and fastest, in milliseconds."""


def title_id(number: int) -> str:
    """Of an episode."""
    series, episode = divmod(number, _PER_SERIES)
    return f"series-{series:05}-s01e{episode:02}-{number * 2654435761 % 2**32:08x}"


def titles(count: int) -> Iterator[Row]:
    """Rows of `title`."""
    for number in range(count):
        name = title_id(number)
        day = f"2026-{1 + number % 11:02}-{1 + number // 11 % 28:02}T06:00:00.000000Z"
        yield (
            name, name, f"series-{number // _PER_SERIES:05}", 1, number % _PER_SERIES, "en",
            f"/films/{name}.mp4", _VERSION, ".srt", 1500.0, day,
        )  # fmt: skip


def requests(count: int) -> Iterator[Row]:
    """Rows of `dub_request`: each title in three languages, most of them dubbed."""
    for number in range(count):
        for place, language in enumerate(LANGUAGES):
            yield _request(number, language, number * len(LANGUAGES) + place)


def _request(number: int, language: str, position: int) -> Row:
    plan = hashlib.sha256(f"plan {language}".encode()).hexdigest()
    made = new_request(title_id(number), language, _VERSION, plan, profile="embedded")
    state, reason = _state(position)
    ended = _NOW if state not in ("waiting", "in_review", "running") else ""
    due = "2026-11-22T06:00:00.000000Z" if position % 500 == 11 else NEVER
    lane = f"interval {number // 3000}"
    profile = "release" if position % 7 == 0 else "embedded"
    priority = {0: 80, 1: 20}.get(position % 50, 50)
    claimed = "" if state == "waiting" else "2026-11-20T12:00:00.000000Z"
    return (
        made.request_id, made.title_id, language, _VERSION, plan, 1, profile, priority, due,
        number % 3000 * 3 + number // 3000, lane, state, reason, made.run_id, _NOW, claimed, ended,
        _NOW,
    )  # fmt: skip


def _state(position: int) -> tuple[str, str]:
    """Two fifths wait; of the others a fiftieth has failed, for one of ten reasons."""
    if position % 5 < 2:
        return "waiting", ""
    if position % 50 == 7:
        return "failed", f"reason {position // 50 % 10}"
    if position % 100 == 13:
        return "in_review", ""
    if position % 10_000 == 43:
        return "running", ""
    return "published", ""


_COLUMNS = {
    "series": "series_id, name, registered_at",
    "title": "title_id, name, series_id, season, episode, source_language, location, version, "
    "beside, duration_s, ingested_at",
    "dub_request": "request_id, title_id, language, version, plan_digest, attempt, profile, "
    "priority, due, turn, lane, state, reason, run_id, requested_at, claimed_at, ended_at, "
    "changed_at",
}


def fill(catalog: Catalog, count: int) -> None:
    """Write the rows at once, past the catalogue's API, and let the database know its tables."""
    series = ((f"series-{number:05}",) * 2 + (_NOW,) for number in range(count // _PER_SERIES + 1))
    connection = catalog._database.connection
    _write(connection, "series", series)
    _write(connection, "title", titles(count))
    _write(connection, "dub_request", requests(count))
    tidy(catalog)


def tidy(catalog: Catalog) -> None:
    """What PostgreSQL does by itself after some changes: see docs/operating.md, A large library."""
    connection = catalog._database.connection
    sqlite = isinstance(connection, sqlite3.Connection)
    connection.execute("ANALYZE" if sqlite else "VACUUM ANALYZE")


def _write(connection: Any, table: str, rows: Iterator[Row]) -> None:
    columns = _COLUMNS[table]
    if isinstance(connection, sqlite3.Connection):
        marks = ", ".join("?" * len(columns.split(",")))
        connection.execute("BEGIN")
        connection.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)  # noqa: S608
        connection.execute("COMMIT")
        return
    connection.execute("SET session_replication_role = replica")  # references aren't checked
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
    connection.execute("SET session_replication_role = DEFAULT")


def timed(call: Callable[[int], object], runs: int = _RUNS) -> Times:
    """Milliseconds of some calls, each with its number."""
    times = []
    for number in range(runs):
        began = time.perf_counter()
        call(number)
        times.append((time.perf_counter() - began) * 1000)
    return median(times), min(times)


def measure(url: str, count: int) -> dict[str, Times]:
    """Milliseconds by what was asked."""
    with open_catalog(url) as catalog:
        began = time.perf_counter()
        fill(catalog, count)
        print(f"filled in {time.perf_counter() - began:.0f} s", flush=True)
        found = _claims(catalog, _runs(count))
        tidy(catalog)
        found |= _reads(catalog, count)
        found |= _writes(catalog, count)
        return found


def _runs(count: int) -> int:
    """How often something is done to a thousand requests, so that enough of them wait."""
    return max(1, min(_RUNS, count * len(LANGUAGES) // 15_000))


def _claims(catalog: Catalog, runs: int) -> dict[str, Times]:
    def claim(most: int) -> list[Request]:
        claimed = catalog.claim(most, now=_NOW, urgent_before=_URGENT)
        assert len(claimed) == most
        return claimed

    found = {"claim 1,000": timed(lambda _: claim(1000), runs)}
    found["claim 16"] = timed(lambda _: claim(16))
    catalog.set_quota(Quota(scope="language:es", per_day=1))  # used up: a third of what waits
    catalog.set_quota(Quota(scope="all", per_day=1e6))
    assert {one.language for one in claim(1000)} == {"de", "fr"}
    found["claim 1,000 under quotas"] = timed(lambda _: claim(1000), runs)
    window = RightsWindow(window_id="w", series_id="series-00001", opens_at="2027")
    catalog.set_rights(window)
    found["claim 1,000 where titles have rights windows"] = timed(lambda _: claim(1000), runs)
    found["claim 16 where titles have rights windows"] = timed(lambda _: claim(16))
    return found


def _reads(catalog: Catalog, count: int) -> dict[str, Times]:
    def status(_: int) -> None:
        assert sum(one.count for one in catalog.counts()) == count * len(LANGUAGES)
        assert len(catalog.failure_reasons()) == 10

    last = catalog.requests(titles=title_id(count // 2))[-1]
    return {
        "status": timed(status),
        "1,000 that failed": timed(lambda _: catalog.requests(state="failed")),
        "a page of all": timed(lambda _: catalog.requests(after=last)),
        "those of a title": timed(lambda n: catalog.requests(titles=title_id(n))),
        "those of a series": timed(lambda n: catalog.requests(series=f"series-{n:05}")),
        "those of a pattern": timed(lambda n: catalog.requests(titles=f"series-{n:05}-*")),
        "a plan's counts": timed(lambda _: catalog.plan_counts(last.plan_digest), 5),
    }


def _writes(catalog: Catalog, count: int) -> dict[str, Times]:
    step = count // (_RUNS * 1000 + 1) or 1

    def enqueue(run: int) -> None:
        numbers = range(run * 1000 * step, (run + 1) * 1000 * step, step)
        new = [
            new_request(title_id(number % count), "it", _VERSION, "plan", profile="embedded")
            for number in numbers
        ]
        assert catalog.enqueue(new, f"command {run}") == len(new)

    claimed = catalog.requests(state="claimed", most=_RUNS)
    return {
        "enqueue 1,000": timed(enqueue, _runs(count)),
        "settle": timed(lambda n: catalog.settle(claimed[n].request_id, "running", was="claimed")),
    }


def run(only: list[str], scale: float) -> dict[str, dict[str, Times]]:
    """Measure each database."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        if "SQLite" in only:
            found["SQLite"] = measure(
                f"sqlite://{folder}/catalog.db", int(TITLES["SQLite"] * scale)
            )
    if "PostgreSQL" in only:
        with postgres_server(**_POSTGRES) as server:
            found["PostgreSQL"] = measure(server.new_database(), int(TITLES["PostgreSQL"] * scale))
    return found


def main() -> int:
    """Print a table; 1 when a requirement isn't kept."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.queue")
    parser.add_argument("--only", choices=list(TITLES), nargs="+", default=list(TITLES))
    parser.add_argument("--scale", type=float, default=1.0, help="share of the titles")
    chosen = parser.parse_args()
    good = True
    for name, rows in run(chosen.only, chosen.scale).items():
        count = int(TITLES[name] * chosen.scale)
        size = f"{count:,} titles, {count * len(LANGUAGES):,} requests"
        print(f"\n{name}: {size}; median and fastest in ms")
        for what, (middle, fastest) in rows.items():
            most = REQUIRED_MS[name].get(what)
            kept = most is None or middle <= most
            good &= kept
            wanted = "" if most is None else f"   {'ok' if kept else 'NOT REACHED'} (<= {most})"
            print(f"  {what:46} {middle:9.1f} {fastest:9.1f}{wanted}", flush=True)
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
