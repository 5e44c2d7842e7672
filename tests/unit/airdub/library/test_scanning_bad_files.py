"""What can't be taken is said, and the scan goes on."""

from __future__ import annotations

import os
import pwd
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from airdub.catalog import Catalog
from airdub.errors import InvalidInput
from airdub.library.files import Entry, open_files
from airdub.library.local_files import LocalFiles
from airdub.library.scanning import scan
from tests.unit.airdub.library.scans import bad, counts, known, scanned
from tests.unit.airdub.library.shelves import FolderShelf, Shelf, silent, sound, unnamed, video


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


def test_a_corrupt_file_does_not_take_its_title_away(catalog: Catalog, folder: FolderShelf) -> None:
    folder.put("film.mp4", video())
    scanned(catalog, folder)
    before = known(catalog, "film")
    folder.put("film.mp4", b"cut off")
    assert counts(scanned(catalog, folder)) == {"bad": 1}
    assert known(catalog, "film") == before


def test_a_folder_that_is_not_there(catalog: Catalog, folder: FolderShelf) -> None:
    with pytest.raises(InvalidInput, match=r"nowhere/: there is no such folder"):
        scan(catalog, open_files(f"{folder.root}nowhere"))


def test_a_folder_that_may_not_be_listed_keeps_its_titles(
    catalog: Catalog, folder: FolderShelf
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


def test_what_is_no_ordinary_file_is_told(catalog: Catalog, folder: FolderShelf) -> None:
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


def test_a_file_that_is_being_written_is_left_for_the_next_scan(
    catalog: Catalog, folder: FolderShelf, monkeypatch: pytest.MonkeyPatch
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
