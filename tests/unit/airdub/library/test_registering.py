"""Registering beside others who register, and who enqueue."""

from __future__ import annotations

import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from airdub.catalog import Catalog, open_catalog
from airdub.library.documents import SourceVersion
from airdub.library.files import Entry, open_files
from airdub.library.finding import Candidate
from airdub.library.names import name_title
from airdub.library.reading import Job, Reading
from airdub.library.registering import Registrar, ScanReport
from airdub.queue.selecting import Planner
from tests.postgres import PostgresServer
from tests.unit.airdub.library.library import version
from tests.unit.airdub.library.scans import counts, known
from tests.unit.airdub.library.shelves import FolderShelf

NAMES = [f"t{number:03}" for number in range(200)]


def reading(catalog: Catalog, shelf: FolderShelf, name: str, content: str) -> Reading:
    """What a scan has read of a video of that name, on the shelf."""
    read: SourceVersion = version(name, {"": content})
    location = f"{shelf.root}{name}.mp4"
    candidate = Candidate(Entry(location, read.bytes, "1"))
    job = Job(candidate, name_title(name, ""), name, known=catalog.title_at(location))
    return Reading(job, read, "en")


def registered(
    catalog: Catalog, shelf: FolderShelf, contents: Iterable[tuple[str, str]]
) -> ScanReport:
    """The report of a scan that has read these contents by name, in that order."""
    report = ScanReport()
    readings = [reading(catalog, shelf, name, content) for name, content in contents]
    Registrar(catalog, open_files(shelf.root), report).register(readings)
    return report


def test_two_scans_that_read_in_another_order_both_register(
    folder: FolderShelf, catalog_url: str
) -> None:
    both = Barrier(2)

    def register(names: list[str]) -> ScanReport:
        with open_catalog(catalog_url) as own:
            both.wait()
            return registered(own, folder, [(name, name) for name in names])

    with ThreadPoolExecutor(2) as pool:
        reports = list(pool.map(register, (NAMES, NAMES[::-1])))
    assert sorted(report.added for report in reports) == [0, len(NAMES)]
    with open_catalog(catalog_url) as catalog:
        assert [one.title_id for one in catalog.titles()] == NAMES


def test_who_enqueues_does_not_wait_for_a_scan_that_waits_for_him(
    folder: FolderShelf, postgres: PostgresServer
) -> None:
    """Of a title that moves, while another one of the scan changes and is requested again."""
    url = postgres.new_database()
    with open_catalog(url) as catalog, ThreadPoolExecutor(1) as pool:
        registered(catalog, folder, [("old", "same bytes"), ("film", "first cut")])
        asked = Planner().request(known(catalog, "film"), "es", "embedded")
        catalog.enqueue([asked], "by hand")

        def scan() -> ScanReport:
            with open_catalog(url) as own:
                return registered(own, folder, [("new", "same bytes"), ("film", "second cut")])

        with catalog.transaction():
            catalog.hold_queue()
            scanning = pool.submit(scan)
            until_somebody_waits(catalog)
            moved = Planner().request(known(catalog, "old"), "es", "embedded")
            assert catalog.enqueue([moved], "by hand") == 1
        assert counts(scanning.result()) == {"changed": 1, "moved": 1, "requeued": 1}
        assert known(catalog, "old").location == f"{folder.root}new.mp4"
        states = {one.language: one.state for one in catalog.requests(titles="old")}
        assert states == {"es": "waiting"}


def until_somebody_waits(catalog: Catalog) -> None:
    """For a lock of PostgreSQL's."""
    limit = time.monotonic() + 30
    query = "SELECT COUNT(*) AS count FROM pg_locks WHERE NOT granted"
    while not catalog._database.connection.execute(query).fetchone()["count"]:
        assert time.monotonic() < limit
        time.sleep(0.01)
