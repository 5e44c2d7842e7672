"""Scans, in folders and buckets: what is there is found once and read once."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from airdub.catalog import Catalog, open_catalog
from airdub.catalog.session import now
from airdub.library.files import open_files
from airdub.library.registering import ScanReport
from airdub.library.scanning import scan
from airdub.settings import PROJECT
from tests.unit.airdub.library.scans import counts, known, scanned
from tests.unit.airdub.library.shelves import FolderShelf, Shelf, unnamed, video


def test_what_is_found_is_registered_with_what_lies_beside_it(
    catalog: Catalog, shelf: Shelf
) -> None:
    location = shelf.put("Dark/Season 1/Dark S01E02.mp4", video())
    shelf.put("Dark/Season 1/Dark S01E02.es.srt", b"hola")
    shelf.put("Dark/Season 1/Dark S01E02.jpg", b"poster")
    shelf.put("film.mp4", video("film"))
    assert counts(scanned(catalog, shelf)) == {"added": 2}
    title = known(catalog, "dark-season-1-dark-s01e02")
    assert title.location == location
    assert (title.name, title.series_id, title.season, title.episode) == (
        *("Dark S01E02", "dark", 1, 2),
    )
    assert (title.source_language, title.beside) == ("en", ".es.srt")
    assert title.duration_s == pytest.approx(0.5, abs=0.1)
    assert catalog.series("dark").name == "Dark"


def test_a_second_scan_reads_nothing_and_changes_nothing(catalog: Catalog, shelf: Shelf) -> None:
    for number in range(5):
        shelf.put(f"film {number}.mp4", video(str(number)))
    first = scanned(catalog, shelf)
    before = catalog.titles()
    again = scanned(catalog, shelf)
    assert first.read_bytes == 4 * len(video("1")) + len(video("0"))
    assert (counts(again), again.read_bytes) == ({"same": 5}, 0)
    assert catalog.titles() == before


def test_a_changed_source_is_a_new_version(catalog: Catalog, shelf: Shelf) -> None:
    shelf.put("film.mp4", video("first"))
    scanned(catalog, shelf)
    before = known(catalog, "film")
    shelf.put("film.mp4", video("other"))
    assert counts(scanned(catalog, shelf)) == {"changed": 1}
    after = known(catalog, "film")
    assert after.version != before.version
    assert after.ingested_at > before.ingested_at
    assert len(catalog.source_versions("film")) == 2


def test_of_a_title_with_a_new_script_the_script_alone_is_read(
    catalog: Catalog, shelf: Shelf
) -> None:
    shelf.put("film.mp4", video())
    scanned(catalog, shelf)
    shelf.put("film.srt", b"said")
    report = scanned(catalog, shelf)
    assert (counts(report), report.read_bytes) == ({"changed": 1}, len(b"said"))
    assert known(catalog, "film").beside == ".srt"
    shelf.remove("film.srt")
    assert counts(scanned(catalog, shelf)) == {"changed": 1}
    assert known(catalog, "film").beside == ""


def test_a_language_that_a_person_says_counts_more_than_the_files(
    catalog: Catalog, folder: FolderShelf
) -> None:
    folder.put("mute.mp4", unnamed())
    folder.put("said.mp4", video("said"))
    scanned(catalog, folder)
    report = scanned(catalog, folder, language="ko")
    assert counts(report) == {"added": 1, "same": 1}
    assert known(catalog, "mute").source_language == "ko"
    assert known(catalog, "said").source_language == "ko"
    assert report.read_bytes == len(unnamed())
    folder.put("said.mp4", video("another"))
    scanned(catalog, folder)
    assert known(catalog, "said").source_language == "ko"


def test_a_series_that_a_person_says_stays(catalog: Catalog, folder: FolderShelf) -> None:
    folder.put("S01E02.mp4", video())
    folder.put("Foo S01E03.mp4", video("foo"))
    scanned(catalog, folder)
    assert counts(scanned(catalog, folder, series="Dark")) == {"same": 2}
    folder.put("Foo S01E03.mp4", video("changed"))
    assert counts(scanned(catalog, folder)) == {"same": 1, "changed": 1}
    episodes = {one.title_id: one.episode for one in catalog.titles(series="dark")}
    assert episodes == {"s01e02": 2, "foo-s01e03": 3}


def test_two_scans_at_once_register_every_title_once(folder: FolderShelf, catalog_url: str) -> None:
    for number in range(8):
        folder.put(f"{number}.mp4", video(str(number)))
    reports: list[ScanReport] = []

    def scan_it() -> None:
        with open_catalog(catalog_url) as own:
            reports.append(scanned(own, folder))

    with open_catalog(catalog_url) as catalog:
        threads = [threading.Thread(target=scan_it) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sum(report.added for report in reports) == 8
        assert sum(report.added + report.same for report in reports) == 16
        assert len(catalog.titles()) == 8
        assert catalog.bad_files() == []


def test_progress_reaches_its_end(catalog: Catalog, folder: FolderShelf) -> None:
    """Whatever is bad, and whatever needn't be read."""
    told: list[tuple[int, int]] = []

    def report(done: int, total: int) -> None:
        told.append((done, total))

    for number in range(3):
        folder.put(f"{number}.mp4", video(str(number)))
    folder.put("bad.mp4", b"not a video")
    total = 3 * len(video("0")) + len(b"not a video")
    scan(catalog, open_files(folder.root), report=report)
    assert told[-1] == (total, total)
    assert told == sorted(told)
    folder.put("0.srt", b"said")
    scan(catalog, open_files(folder.root), report=report)
    assert told[-1] == (total + len(b"said"), total + len(b"said"))


def test_odd_names_are_names(catalog: Catalog, folder: FolderShelf) -> None:
    for name in ("two\nlines.mp4", "-i.mp4", "a:b%d.mp4", "🎬.mp4", "$(rm -rf).MP4"):
        folder.put(name, video(name))
    folder.put("two\nlines.srt", b"said")
    assert counts(scanned(catalog, folder)) == {"added": 5}
    assert counts(scanned(catalog, folder)) == {"same": 5}
    found = {one.name: one for one in catalog.titles()}
    assert found["two lines"].beside == ".srt"
    assert all("\n" not in one.title_id for one in found.values())


def test_a_link_to_a_file_is_that_file(catalog: Catalog, folder: FolderShelf) -> None:
    folder.put("elsewhere/film.mov", video())
    (folder.folder / "link.mp4").symlink_to("elsewhere/film.mov")
    assert counts(scanned(catalog, folder)) == {"added": 2}


def test_dates_in_the_future_are_dates(catalog: Catalog, folder: FolderShelf) -> None:
    """Files may be of any age: what counts is whether they were written since."""
    location = folder.put("film.mp4", video("first"))
    future = 4_000_000_000
    os.utime(location, (future, future))
    began = now()
    scanned(catalog, folder)
    assert began < known(catalog, "film").ingested_at < now()
    report = scanned(catalog, folder)
    assert (counts(report), report.read_bytes) == ({"same": 1}, 0)
    folder.put("film.mp4", video("other"))
    os.utime(location, (future, future))  # same size, same date, other bytes
    assert counts(scanned(catalog, folder)) == {"changed": 1}


def test_a_killed_scan_is_finished_by_the_next_one(
    catalog: Catalog, folder: FolderShelf, tmp_path: Path
) -> None:
    for number in range(12):
        folder.put(f"{number}.mp4", video(str(number)))
    code = (
        "import sys\n"
        "from airdub.catalog import open_catalog\n"
        "from airdub.library import scanning\n"
        "from airdub.library.files import open_files\n"
        "scanning._LARGEST_BATCH = 1\n"
        "with open_catalog(sys.argv[1]) as catalog:\n"
        "    scanning.scan(catalog, open_files(sys.argv[2]), scanning.ScanOptions(readers=1))\n"
    )
    url = f"sqlite://{tmp_path}/catalog.db"
    process = subprocess.Popen([sys.executable, "-c", code, url, folder.root], cwd=PROJECT)
    limit = time.monotonic() + 60
    while len(catalog.titles()) < 3:
        assert process.poll() is None, "it was to be killed in the middle"
        assert time.monotonic() < limit
        time.sleep(0.01)
    process.kill()
    process.wait()
    done = len(catalog.titles())
    assert 3 <= done < 12
    assert counts(scanned(catalog, folder)) == {"added": 12 - done, "same": done}
    assert len(catalog.titles()) == 12
