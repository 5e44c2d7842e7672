"""The library in the catalogue: titles keep their ids; a change of their files is a new version."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from airdub.catalog import Catalog, open_catalog
from airdub.catalog.session import now
from airdub.errors import AirdubError, Conflict
from airdub.library.documents import BadFile, Registered, Title
from tests.postgres import PostgresServer
from tests.unit.airdub.library.library import title, version

FIRST, SECOND = version("film", {"": "one"}), version("film", {"": "two"})


def known(catalog: Catalog, title_id: str = "film") -> Title:
    found = catalog.title(title_id)
    assert found is not None
    return found


def add(catalog: Catalog, title_id: str, source: str = "one", **changes: object) -> None:
    made = version(title_id, {"": source})
    catalog.register(title(made, **changes), made)


def test_registering_again_changes_nothing(catalog: Catalog) -> None:
    assert catalog.register(title(FIRST), FIRST) is Registered.ADDED
    before = known(catalog)
    assert catalog.register(title(FIRST), FIRST) is Registered.SAME
    assert known(catalog) == before
    assert before.model_copy(update={"ingested_at": ""}) == title(FIRST)
    assert len(catalog.source_versions("film")) == 1


def test_a_changed_source_is_a_new_version_that_was_ingested_now(catalog: Catalog) -> None:
    catalog.register(title(FIRST), FIRST)
    before, began = known(catalog), now()
    assert catalog.register(title(SECOND), SECOND) is Registered.CHANGED
    after = known(catalog)
    assert after.version != before.version
    assert before.ingested_at < began < after.ingested_at
    versions = [one.version for one in catalog.source_versions("film")]
    assert versions == [SECOND.version, FIRST.version]
    kept = catalog.source_version("film", FIRST.version)
    assert kept is not None
    assert kept.files == FIRST.files


def test_what_lies_beside_is_part_of_the_version(catalog: Catalog) -> None:
    with_script = version("film", {"": "one", ".srt": "said", ".es.srt": "dicho"})
    catalog.register(title(FIRST), FIRST)
    assert catalog.register(title(with_script), with_script) is Registered.CHANGED
    assert known(catalog).beside == ".es.srt .srt"
    assert with_script.source_sha256 == FIRST.source_sha256


def test_another_language_or_place_is_no_other_version(catalog: Catalog) -> None:
    catalog.register(title(FIRST), FIRST)
    before = known(catalog)
    catalog.mark_missing("film")
    moved = title(FIRST, location="/elsewhere/film.mp4", source_language="fr")
    assert catalog.register(moved, FIRST) is Registered.SAME
    assert known(catalog) == moved.model_copy(update={"ingested_at": before.ingested_at})


def test_two_files_can_not_have_one_id(catalog: Catalog) -> None:
    catalog.register(title(FIRST), FIRST)
    other = title(SECOND, location="/library/film.mkv")
    with pytest.raises(Conflict, match=r"film.mkv: another file has the title id film: /library"):
        catalog.register(other, SECOND)
    assert known(catalog).version == FIRST.version
    assert len(catalog.source_versions("film")) == 1


def test_one_file_can_not_be_two_titles(catalog: Catalog) -> None:
    catalog.register(title(FIRST), FIRST)
    other = version("other", {"": "one"})
    with pytest.raises(Conflict, match="the file is the title film already"):
        catalog.register(title(other, location=title(FIRST).location), other)
    assert catalog.title("other") is None


def test_series_are_made_with_their_first_title(catalog: Catalog) -> None:
    pilot = title(FIRST, series_id="dark", season=1, episode=1)
    catalog.register(pilot, FIRST, "Dark")
    add(catalog, "other")
    assert [one.title_id for one in catalog.titles(series="dark")] == ["film"]
    assert catalog.titles(series="light") == []


def test_titles_are_found_by_pattern_language_and_page(catalog: Catalog) -> None:
    for name in ("a-1", "a-2", "a_3", "b-1", "b.2"):
        add(catalog, name, source_language="fr" if name == "a-2" else "en")

    def ids(pattern: str = "*", **of: object) -> list[str]:
        return [one.title_id for one in catalog.titles(pattern, **of)]

    assert ids("A-*") == ["a-1", "a-2"]
    assert ids("a_*") == ["a_3"]
    assert ids("?-1") == ["a-1", "b-1"]
    assert ids("%") == []
    assert ids("A-2") == ids("a-2", language="fr") == ["a-2"]
    assert ids("a-2", language="en") == ids("a-2", after="a-2") == ids("a-2", series="x") == []
    assert ids(language="fr") == ["a-2"]
    everything, page = ids(), ids(limit=2)
    while len(page) < 5:
        page += ids(limit=2, after=page[-1])
    assert page == everything
    assert len(everything) == 5


def test_an_interval_holds_what_was_ingested_in_it_once(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("airdub.catalog.titles._PAGE", 2)
    for day in (1, 2, 3):
        for name in "abcde":
            time = f"2026-11-0{day}T00:00:00.000000Z"
            monkeypatch.setattr(catalog, "_clock", lambda time=time: time)
            add(catalog, f"{name}{day}")
    catalog.mark_missing("c2")
    found = catalog.titles_ingested("2026-11-02T00:00:00.000000Z", "2026-11-03T00:00:00.000000Z")
    assert [one.title_id for one in found] == ["a2", "b2", "d2", "e2"]


def test_titles_are_ingested_by_the_server_s_clock_wherever_they_are_scanned(
    postgres: PostgresServer, postgres_schema: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgres.new_database(like=postgres_schema)
    an_hour_ago = now(timedelta(hours=1))
    slow = now(timedelta(hours=5))
    monkeypatch.setattr("airdub.catalog.titles.now", lambda: slow)
    with open_catalog(url) as catalog:
        add(catalog, "film")
        add(catalog, "film", source="two")
        catalog.mark_missing("film")
        catalog.mark_found("film")
        assert [one.title_id for one in catalog.titles_ingested(an_hour_ago, "9999")] == ["film"]
        assert all(one.seen_at > an_hour_ago for one in catalog.source_versions("film"))
    postgres.drop_database(url)


def test_a_missing_title_says_since_when(catalog: Catalog) -> None:
    add(catalog, "film")
    began = now()
    catalog.mark_missing("film")
    since = known(catalog).missing_since
    assert began < since < now()
    catalog.mark_missing("film")
    assert known(catalog).missing_since == since
    assert list(catalog.titles_below("/library/")) == []
    catalog.mark_found("film")
    assert known(catalog).missing_since == ""


def test_titles_below_a_folder(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("airdub.catalog.titles._PAGE", 2)
    for number, place in enumerate(["/a/1", "/a/b/2", "/A/3", "/a%/4", "/ab/5"]):
        add(catalog, f"film-{number}", location=place)
    assert dict(catalog.titles_below("/a/")) == {"film-0": "/a/1", "film-1": "/a/b/2"}
    assert dict(catalog.titles_below("/a%/")) == {"film-3": "/a%/4"}


def test_titles_are_known_by_all_of_their_bytes(catalog: Catalog) -> None:
    for name in ("film", "copy"):
        add(catalog, name)
    add(catalog, "other", "two")
    assert [one.title_id for one in catalog.titles_of_version(FIRST)] == ["copy", "film"]
    add(catalog, "copy", "three")
    assert catalog.titles_of_version(FIRST) == [known(catalog)]
    assert catalog.titles_of_version(version("film", {"": "one", ".srt": "said"})) == []


def test_bad_files_are_kept_until_they_are_forgotten(catalog: Catalog) -> None:
    first = BadFile(location="/a\nb.mp4", what="cut off", remedy="copy it again", stamp="1")
    again = first.model_copy(update={"what": "empty", "stamp": "2"})
    other = BadFile(location="/c.mp4", what="text")
    for bad in (first, other, again):
        catalog.note_bad_file(bad)
    found = catalog.bad_files()
    assert [one.model_copy(update={"seen_at": ""}) for one in found] == [again, other]
    assert catalog.bad_files(after="/a\nb.mp4", limit=1) == found[1:]
    assert list(catalog.bad_files_below("/c")) == found[1:]
    catalog.forget_bad_file("/c.mp4")
    catalog.forget_bad_file("/c.mp4")
    assert catalog.bad_file("/c.mp4") is None
    assert catalog.bad_file("/a\nb.mp4") == found[0]


def test_of_two_scans_at_once_one_registers_a_title(url: str) -> None:
    changed: list[Registered] = []
    errors: list[AirdubError] = []
    ready = threading.Barrier(4)

    def scan(number: int) -> None:
        made = version("film", {"": str(number % 2)})
        with open_catalog(url) as catalog:
            ready.wait()
            try:
                changed.append(catalog.register(title(made, location=f"/{number % 2}.mp4"), made))
            except Conflict as error:
                errors.append(error)

    with open_catalog(url):
        pass
    threads = [threading.Thread(target=scan, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(changed) == [Registered.ADDED, Registered.SAME]
    assert len(errors) == 2
