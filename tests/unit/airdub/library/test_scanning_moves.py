"""Files that are renamed, moved, copied, replaced or gone."""

from __future__ import annotations

from pathlib import Path

import pytest

from airdub.catalog import Catalog
from airdub.errors import InvalidInput
from airdub.library.files import open_files
from airdub.library.scanning import scan
from tests.unit.airdub.library.scans import bad, counts, known, scanned
from tests.unit.airdub.library.shelves import FolderShelf, Shelf, video


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


def test_a_moved_library_keeps_its_titles(catalog: Catalog, folder: FolderShelf) -> None:
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


def unmounted(folder: FolderShelf, empty: bool = True) -> Path:
    """Where the library lies once its disk is taken out."""
    away = folder.folder.rename(folder.folder.with_name("away"))
    if empty:
        folder.folder.mkdir()
    return away


@pytest.fixture
def backup(tmp_path: Path) -> FolderShelf:
    """Another library, with a film that the first one has, by two names."""
    made = FolderShelf(tmp_path / "backup")
    made.put("film.mp4", video("film"))
    made.put("old/The Film.mp4", video("film"))
    return made


def test_a_copy_of_what_lies_on_a_disk_that_is_not_mounted_is_no_move(
    catalog: Catalog, folder: FolderShelf, backup: FolderShelf
) -> None:
    location = folder.put("film.mp4", video("film"))
    scanned(catalog, folder)
    away = unmounted(folder)
    assert counts(scanned(catalog, backup)) == {"added": 1, "bad": 1}
    assert known(catalog, "film").location == location
    (claimed,) = catalog.bad_files()
    assert claimed.what == f"two files claim the title id film: the other is {location}"
    assert "mount the disk that the other lies on" in claimed.remedy
    folder.folder.rmdir()
    away.rename(folder.folder)
    assert counts(scanned(catalog, folder)) == {"same": 1}


def test_where_no_folder_is_left_the_library_has_moved(
    catalog: Catalog, folder: FolderShelf, backup: FolderShelf
) -> None:
    folder.put("film.mp4", video("film"))
    scanned(catalog, folder)
    unmounted(folder, empty=False)
    backup.remove("old/The Film.mp4")
    assert counts(scanned(catalog, backup)) == {"moved": 1}
    assert known(catalog, "film").location == f"{backup.root}film.mp4"
