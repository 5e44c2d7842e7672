"""Scans, in folders and buckets: found once, read once, and whatever is wrong is said."""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from airdub.catalog import Catalog, open_catalog
from airdub.catalog.session import now
from airdub.errors import DependencyUnavailable, InvalidInput
from airdub.library.documents import Title
from airdub.library.files import Entry, open_files
from airdub.library.local_files import LocalFiles
from airdub.library.registering import ScanReport
from airdub.library.scanning import ScanOptions, scan
from airdub.queue.selecting import Planner
from airdub.settings import PROJECT
from tests.s3 import S3Server
from tests.unit.airdub.library.shelves import (
    BucketShelf,
    FolderShelf,
    Shelf,
    silent,
    sound,
    unnamed,
    video,
)


def scanned(catalog: Catalog, shelf: Shelf, **options: object) -> ScanReport:
    return scan(catalog, open_files(shelf.root), ScanOptions(readers=2, **options))


def counts(report: ScanReport) -> dict[str, int]:
    """What isn't zero, of titles and bad files."""
    names = ("added", "changed", "moved", "same", "missing", "bad", "requeued")
    return {name: getattr(report, name) for name in names if getattr(report, name)}


def known(catalog: Catalog, title_id: str) -> Title:
    found = catalog.title(title_id)
    assert found is not None
    return found


def bad(catalog: Catalog, shelf: Shelf) -> dict[str, str]:
    """What is wrong, by name."""
    return {one.location.removeprefix(shelf.root): one.what for one in catalog.bad_files()}


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


def test_bad_files_are_listed_with_their_reason_and_the_scan_goes_on(
    catalog: Catalog, shelf: Shelf
) -> None:
    shelf.put("empty.mp4", b"")
    shelf.put("text.mp4", b"not a video, not at all\n" * 50)
    shelf.put("cut.mp4", video()[:1500])
    shelf.put("silent.mp4", silent())
    shelf.put("sound.mp4", sound())
    shelf.put("mute.mp4", unnamed())
    shelf.put("gone.es.srt", b"hola")
    shelf.put("script.mp4", video())
    shelf.put("script.srt", b"")
    shelf.put("good.mp4", video("good"))
    assert counts(scanned(catalog, shelf)) == {"added": 1, "bad": 8}
    found = bad(catalog, shelf)
    reader = "it is no video that airdub reads"
    assert found.pop("text.mp4").startswith(reader)
    assert found.pop("cut.mp4").startswith(reader)
    assert found == {
        "empty.mp4": "the file is empty",
        "silent.mp4": "there is no audio stream",
        "sound.mp4": "there is no video stream",
        "mute.mp4": "the file doesn't say which language is spoken",
        "gone.es.srt": "there is no video that it lies beside",
        "script.mp4": f"{shelf.root}script.srt: the file is empty",
    }
    assert all(one.remedy for one in catalog.bad_files())


def test_a_bad_file_is_read_again_once_it_has_changed(
    catalog: Catalog, folder: FolderShelf
) -> None:
    folder.put("film.mp4", b"not a video")
    folder.put("good.mp4", video())
    assert counts(scanned(catalog, folder)) == {"added": 1, "bad": 1}
    before = catalog.bad_files()
    assert counts(scanned(catalog, folder)) == {"same": 1, "bad": 1}
    assert catalog.bad_files() == before
    scanned(catalog, folder, again=True)
    assert catalog.bad_files()[0].seen_at > before[0].seen_at
    folder.put("film.mp4", video("mended"))
    assert counts(scanned(catalog, folder)) == {"added": 1, "same": 1}
    assert catalog.bad_files() == []


def test_a_bad_file_that_is_removed_is_forgotten(catalog: Catalog, folder: FolderShelf) -> None:
    folder.put("film.mp4", b"not a video")
    folder.put("good.mp4", video())
    scanned(catalog, folder)
    folder.remove("film.mp4")
    assert counts(scanned(catalog, folder)) == {"same": 1}
    assert catalog.bad_files() == []


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


def test_of_two_files_that_claim_one_id_the_first_has_it(
    catalog: Catalog, folder: FolderShelf
) -> None:
    folder.put("film.mp4", video())
    folder.put("Film!.txt", b"")
    assert counts(scanned(catalog, folder)) == {"added": 1}
    folder.put("Film.mkv", video("other", ".mkv"))
    folder.put("a film/film.mp4", video("inner"))
    folder.put("a-film-film.mp4", video("outer"))
    for _ in range(2):
        report = scanned(catalog, folder)
        assert report.bad == 2
    claims = bad(catalog, folder)
    assert claims["Film.mkv"].endswith(f"title id film: the other is {folder.root}film.mp4")
    assert len(claims) == 2
    assert known(catalog, "film").location == f"{folder.root}film.mp4"
    assert len(catalog.titles()) == 2


def test_the_next_file_of_a_title_takes_its_place(catalog: Catalog, folder: FolderShelf) -> None:
    folder.put("film.mp4", video())
    scanned(catalog, folder)
    folder.remove("film.mp4")
    folder.put("film.mkv", video("better", ".mkv"))
    assert counts(scanned(catalog, folder)) == {"changed": 1}
    title = known(catalog, "film")
    assert (title.location, title.missing_since) == (f"{folder.root}film.mkv", "")


def test_a_renamed_file_stays_the_same_title(catalog: Catalog, shelf: Shelf) -> None:
    shelf.put("film.mp4", video())
    shelf.put("film.srt", b"said")
    scanned(catalog, shelf)
    before = known(catalog, "film")
    for ending, content in ((".mp4", video()), (".srt", b"said")):
        shelf.remove(f"film{ending}")
        shelf.put(f"inner/The Film{ending}", content)
    assert counts(scanned(catalog, shelf)) == {"moved": 1}
    after = known(catalog, "film")
    assert (after.location, after.name) == (f"{shelf.root}inner/The Film.mp4", "The Film")
    assert (after.version, after.ingested_at) == (before.version, before.ingested_at)
    assert counts(scanned(catalog, shelf)) == {"same": 1}


def test_a_copy_is_another_title(catalog: Catalog, folder: FolderShelf) -> None:
    folder.put("film.mp4", video())
    scanned(catalog, folder)
    folder.put("copy.mp4", video())
    assert counts(scanned(catalog, folder)) == {"added": 1, "same": 1}


def test_a_title_whose_file_is_gone_is_missing_until_it_comes_back(
    catalog: Catalog, shelf: Shelf
) -> None:
    shelf.put("film.mp4", video())
    shelf.put("other.mp4", video("other"))
    scanned(catalog, shelf)
    before = known(catalog, "film")
    shelf.remove("film.mp4")
    assert counts(scanned(catalog, shelf)) == {"same": 1, "missing": 1}
    assert known(catalog, "film").missing_since
    assert counts(scanned(catalog, shelf)) == {"same": 1}
    shelf.put("film.mp4", video())
    scanned(catalog, shelf)
    assert known(catalog, "film").missing_since == ""
    assert known(catalog, "film").version == before.version


def test_a_corrupt_file_does_not_take_its_title_away(catalog: Catalog, folder: FolderShelf) -> None:
    folder.put("film.mp4", video())
    scanned(catalog, folder)
    before = known(catalog, "film")
    folder.put("film.mp4", b"cut off")
    assert counts(scanned(catalog, folder)) == {"bad": 1}
    assert known(catalog, "film") == before


def test_a_library_that_seems_empty_is_not_believed(catalog: Catalog, folder: FolderShelf) -> None:
    folder.put("film.mp4", video())
    scanned(catalog, folder)
    folder.remove("film.mp4")
    folder.put("readme.txt", b"not mounted")
    with pytest.raises(InvalidInput, match=r"no video, although 1 titles lie there.*mount"):
        scanned(catalog, folder)
    assert known(catalog, "film").missing_since == ""


def test_other_libraries_are_left_alone(catalog: Catalog, folder: FolderShelf) -> None:
    for name in ("one/a.mp4", "one more/b.mp4", "two/c.mp4"):
        folder.put(name, video(name))
    folder.put("one more/bad.mp4", b"bad")
    scanned(catalog, folder)
    scan(catalog, open_files(f"{folder.root}one"))
    assert not [one for one in catalog.titles() if one.missing_since]
    assert list(bad(catalog, folder)) == ["one more/bad.mp4"]
    assert [one.title_id for one in catalog.titles()] == ["one-a", "one-more-b", "two-c"]


def test_a_series_that_a_person_says_stays(catalog: Catalog, folder: FolderShelf) -> None:
    folder.put("S01E02.mp4", video())
    folder.put("Foo S01E03.mp4", video("foo"))
    scanned(catalog, folder)
    assert counts(scanned(catalog, folder, series="Dark")) == {"same": 2}
    folder.put("Foo S01E03.mp4", video("changed"))
    assert counts(scanned(catalog, folder)) == {"same": 1, "changed": 1}
    episodes = {one.title_id: one.episode for one in catalog.titles(series="dark")}
    assert episodes == {"s01e02": 2, "foo-s01e03": 3}


def test_two_scans_at_once_register_every_title_once(folder: FolderShelf, tmp_path: Path) -> None:
    for number in range(8):
        folder.put(f"{number}.mp4", video(str(number)))
    reports: list[ScanReport] = []

    def scan_it() -> None:
        with open_catalog(f"sqlite://{tmp_path}/catalog.db") as own:
            reports.append(scanned(own, folder))

    with open_catalog(f"sqlite://{tmp_path}/catalog.db") as catalog:
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


class TestBuckets:
    """What happens to buckets alone."""

    def test_a_listing_in_pages_is_whole(
        self, catalog: Catalog, bucket: BucketShelf, s3_server: S3Server
    ) -> None:
        for number in range(3):
            bucket.put(f"film {number}.mp4", video(str(number)))
            bucket.put(f"film {number}.srt", b"said")
        s3_server.page = 1
        assert counts(scanned(catalog, bucket)) == {"added": 3}
        assert {one.beside for one in catalog.titles()} == {".srt"}

    def test_a_listing_that_breaks_off_marks_nothing_as_missing(
        self, catalog: Catalog, bucket: BucketShelf, s3_server: S3Server
    ) -> None:
        for name in "abcd":
            bucket.put(f"{name}.mp4", video(name))
        scanned(catalog, bucket)
        bucket.remove("d.mp4")
        s3_server.page, s3_server.broken_page = 2, 1
        with pytest.raises(DependencyUnavailable, match="its listing breaks off"):
            scanned(catalog, bucket)
        assert not [one for one in catalog.titles() if one.missing_since]
        s3_server.broken_page = 0
        assert counts(scanned(catalog, bucket)) == {"same": 3, "missing": 1}

    def test_a_body_that_breaks_off_is_taken_up_where_it_was(
        self, catalog: Catalog, bucket: BucketShelf, s3_server: S3Server
    ) -> None:
        bucket.put("film.mp4", video())
        scanned(catalog, bucket)
        before = known(catalog, "film")
        bucket.put("film.mp4", video("other"))
        scanned(catalog, bucket)
        bucket.put("film.mp4", video())
        s3_server.cut_bodies = 3
        scanned(catalog, bucket)
        assert known(catalog, "film").version == before.version

    def test_a_storage_that_gives_nothing_any_more_ends_the_scan(
        self, catalog: Catalog, bucket: BucketShelf, s3_server: S3Server
    ) -> None:
        for number in range(12):
            bucket.put(f"{number}.mp4", video(str(number)))
        s3_server.refuses_reading = True
        with pytest.raises(DependencyUnavailable, match="refuses get_object"):
            scanned(catalog, bucket)
        s3_server.refuses_reading = False
        assert counts(scanned(catalog, bucket)) == {"added": 12}
        assert catalog.bad_files() == []

    def test_probing_reads_no_more_than_it_needs(
        self, catalog: Catalog, bucket: BucketShelf, s3_server: S3Server
    ) -> None:
        """And nobody else can read through the address that ffprobe is given."""
        location = bucket.put("film.mp4", video("x" * 200_000))
        files = open_files(bucket.root)
        entry = files.entry(location)
        assert entry is not None
        with files.probed(entry) as address:
            assert address.startswith("http://127.0.0.1:")
            answer = httpx.get(address, headers={"Range": "bytes=4-7"})
            assert (answer.status_code, answer.content) == (206, b"ftyp")
            assert httpx.get(f"{address}x").status_code == 404
            assert httpx.get(address, headers={"Range": f"bytes={1 << 40}-"}).status_code == 416
        with pytest.raises(httpx.ConnectError):
            httpx.get(address)


class TestFolders:
    """What happens to folders alone."""

    def test_a_folder_that_is_not_there(self, catalog: Catalog, folder: FolderShelf) -> None:
        with pytest.raises(InvalidInput, match=r"nowhere/: there is no such folder"):
            scan(catalog, open_files(f"{folder.root}nowhere"))

    def test_a_folder_that_may_not_be_listed_keeps_its_titles(
        self, catalog: Catalog, folder: FolderShelf
    ) -> None:
        for name in ("closed/a.mp4", "open/b.mp4"):
            folder.put(name, video(name))
        scanned(catalog, folder)
        closed = folder.folder / "closed"
        closed.chmod(0)
        with nobodys_eyes(folder.folder):
            report = scanned(catalog, folder)
        assert counts(report) == {"same": 1, "bad": 1}
        assert bad(catalog, folder) == {"closed/": "the folder can't be listed: Permission denied"}
        assert known(catalog, "closed-a").missing_since == ""
        closed.chmod(0o755)
        assert counts(scanned(catalog, folder)) == {"same": 2}
        assert catalog.bad_files() == []

    def test_odd_names_are_names(self, catalog: Catalog, folder: FolderShelf) -> None:
        for name in ("two\nlines.mp4", "-i.mp4", "a:b%d.mp4", "🎬.mp4", "$(rm -rf).MP4"):
            folder.put(name, video(name))
        folder.put("two\nlines.srt", b"said")
        assert counts(scanned(catalog, folder)) == {"added": 5}
        assert counts(scanned(catalog, folder)) == {"same": 5}
        found = {one.name: one for one in catalog.titles()}
        assert found["two lines"].beside == ".srt"
        assert all("\n" not in one.title_id for one in found.values())

    def test_what_is_no_ordinary_file_is_told(self, catalog: Catalog, folder: FolderShelf) -> None:
        folder.put("good.mp4", video())
        folder.put(".hidden/film.mp4", b"hidden")
        folder.put("._good.mp4", b"a resource fork")
        (folder.folder / "loop").symlink_to(folder.folder)
        (folder.folder / "dangling.mp4").symlink_to("nowhere")
        os.mkfifo(folder.folder / "pipe.mp4")
        (folder.folder / os.fsdecode(b"latin-\xe9.mp4")).write_bytes(video())
        assert counts(scanned(catalog, folder)) == {"added": 1, "bad": 4}
        assert bad(catalog, folder) == {
            "dangling.mp4": "it is no file",
            "latin-\\xe9.mp4": "its name isn't UTF-8",
            "loop": "a link to a folder isn't followed",
            "pipe.mp4": "it is no file",
        }

    def test_a_link_to_a_file_is_that_file(self, catalog: Catalog, folder: FolderShelf) -> None:
        folder.put("elsewhere/film.mov", video())
        (folder.folder / "link.mp4").symlink_to("elsewhere/film.mov")
        assert counts(scanned(catalog, folder)) == {"added": 2}

    def test_dates_in_the_future_are_dates(self, catalog: Catalog, folder: FolderShelf) -> None:
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

    def test_a_file_that_is_being_written_is_left_for_the_next_scan(
        self, catalog: Catalog, folder: FolderShelf, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        location = folder.put("film.mp4", video("x" * (3 << 20)))
        read = LocalFiles.blocks

        def written_meanwhile(files: LocalFiles, entry: Entry) -> Iterator[bytes]:
            for block in read(files, entry):
                Path(location).write_bytes(video("y" * (3 << 20)))
                yield block

        monkeypatch.setattr(LocalFiles, "blocks", written_meanwhile)
        assert counts(scanned(catalog, folder)) == {"bad": 1}
        assert bad(catalog, folder) == {"film.mp4": "the file changed while it was read"}
        monkeypatch.undo()
        assert counts(scanned(catalog, folder)) == {"added": 1}

    def test_a_moved_library_keeps_its_titles(self, catalog: Catalog, folder: FolderShelf) -> None:
        for name in ("a.mp4", "inner/b.mp4"):
            folder.put(name, video(name))
        scanned(catalog, folder)
        before = catalog.titles()
        folder.folder.rename(folder.folder.with_name("elsewhere"))
        report = scan(catalog, open_files(str(folder.folder.with_name("elsewhere"))))
        assert counts(report) == {"moved": 2}
        after = catalog.titles()
        assert [one.title_id for one in after] == [one.title_id for one in before]
        assert [one.ingested_at for one in after] == [one.ingested_at for one in before]
        assert all("elsewhere" in one.location for one in after)

    def test_a_killed_scan_is_finished_by_the_next_one(
        self, catalog: Catalog, folder: FolderShelf, tmp_path: Path
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


class TestRequeueing:
    """A changed source is dubbed again where it was wanted."""

    def test_into_every_language_that_it_was_wanted_in(
        self, catalog: Catalog, folder: FolderShelf
    ) -> None:
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

    def test_from_another_language(self, catalog: Catalog, folder: FolderShelf) -> None:
        folder.put("film.mp4", video())
        folder.put("film.srt", b"what is said")
        scanned(catalog, folder)
        catalog.enqueue([Planner().request(known(catalog, "film"), "es", "embedded")], "by hand")
        report = scanned(catalog, folder, language="en-GB")
        assert counts(report) == {"same": 1, "requeued": 1}
        (asked,) = catalog.latest_requests("film")
        assert asked.state == "waiting"
        assert asked.version == known(catalog, "film").version

    def test_not_where_nobody_wanted_it(self, catalog: Catalog, folder: FolderShelf) -> None:
        folder.put("film.mp4", video())
        scanned(catalog, folder)
        folder.put("film.mp4", video("changed"))
        assert counts(scanned(catalog, folder)) == {"changed": 1}
        assert catalog.requests() == []


@contextmanager
def nobodys_eyes(folder: Path) -> Iterator[None]:
    """Root may list everything: while this lasts, this process is nobody."""
    if os.geteuid() != 0:
        yield
        return
    for one in (folder, *folder.parents):
        if one.owner() == "root" and one != Path("/"):
            one.chmod(one.stat().st_mode | 0o055)
    os.seteuid(pwd.getpwnam("nobody").pw_uid)
    try:
        yield
    finally:
        os.seteuid(0)
