"""A changed source is dubbed again where it was wanted."""

from __future__ import annotations

from airdub.catalog import Catalog
from airdub.queue.selecting import Planner
from tests.unit.airdub.library.scans import counts, known, scanned
from tests.unit.airdub.library.shelves import FolderShelf, video


def test_into_every_language_that_it_was_wanted_in(catalog: Catalog, folder: FolderShelf) -> None:
    folder.put("film.mp4", video())
    for language in ("es", "fr", "de"):
        folder.put(f"film.{language}.srt", b"its translation")
    scanned(catalog, folder)
    planner, title = Planner(), known(catalog, "film")
    wanted = [planner.request(title, language, "embedded", priority=70) for language in
              ("es", "fr", "de")]  # fmt: skip
    catalog.enqueue(wanted, "by hand")
    catalog.cancel(wanted[2].request_id)
    folder.put("film.mp4", video("changed"))
    assert counts(scanned(catalog, folder)) == {"changed": 1, "requeued": 2}
    version = known(catalog, "film").version
    new = [one for one in catalog.requests(titles="film") if one.version == version]
    assert sorted(one.language for one in new) == ["es", "fr"]
    assert {one.priority for one in new} == {70}
    assert catalog.request(wanted[0].request_id).state == "superseded"
    assert counts(scanned(catalog, folder)) == {"same": 1}
    assert len(catalog.requests(titles="film")) == 5


def test_from_another_language(catalog: Catalog, folder: FolderShelf) -> None:
    folder.put("film.mp4", video())
    folder.put("film.srt", b"what is said")
    scanned(catalog, folder)
    catalog.enqueue([Planner().request(known(catalog, "film"), "es", "embedded")], "by hand")
    report = scanned(catalog, folder, language="en-GB")
    assert counts(report) == {"same": 1, "requeued": 1}
    (asked,) = catalog.latest_requests("film")
    assert asked.state == "waiting"
    assert asked.version == known(catalog, "film").version


def test_not_where_nobody_wanted_it(catalog: Catalog, folder: FolderShelf) -> None:
    folder.put("film.mp4", video())
    scanned(catalog, folder)
    folder.put("film.mp4", video("changed"))
    assert counts(scanned(catalog, folder)) == {"changed": 1}
    assert catalog.requests() == []
