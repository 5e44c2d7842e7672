"""The library from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from airdub.catalog import open_catalog
from airdub.cli import app
from airdub.queue.selecting import Planner
from airdub.settings import load_settings
from tests.unit.airdub.library.shelves import FolderShelf, video


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["library", *map(str, arguments)])


@pytest.fixture
def folder(installation: Path) -> FolderShelf:
    return FolderShelf(installation / "library")


def test_a_scan_says_what_it_found_and_what_it_could_not_take(folder: FolderShelf) -> None:
    folder.put("Dark/Season 1/Dark S01E02.mp4", video())
    folder.put("two\nlines.mp4", video("2"))
    folder.put("[bold]text.mp4", b"not a video")
    result = run("scan", folder.root)
    assert result.exit_code == 0
    counts, read, *rest = result.stdout.splitlines()
    assert counts == "2 added, 0 changed, 0 moved, 0 unchanged, 0 missing, 1 bad files"
    assert " MiB read in " in read
    assert "[bold]text.mp4" in "".join(rest)
    assert run("scan", folder.root).stdout.splitlines()[0] == (
        "0 added, 0 changed, 0 moved, 2 unchanged, 0 missing, 1 bad files"
    )
    (line,) = [one for one in run("bad").stdout.splitlines() if "text.mp4" in one]
    assert "it is no video" in line


def test_titles_are_listed_and_shown(folder: FolderShelf) -> None:
    folder.put("Dark/Season 1/Dark S01E02.mp4", video())
    folder.put("Dark/Season 1/Dark S01E02.es.srt", b"hola")
    folder.put("film.mp4", video("film"))
    run("scan", folder.root, "--from", "de")
    listed = run("list", "dark-*").stdout
    assert "dark S01E02" in listed
    assert "film" not in listed
    assert "and more: --after dark-season-1-dark-s01e02" in run("list", "--most", "1").stdout
    assert "film" in run("list", "--after", "dark-season-1-dark-s01e02").stdout
    with open_catalog(load_settings().catalog_url) as catalog:
        title = catalog.title("film")
        assert title is not None
        catalog.enqueue([Planner().request(title, "en", "embedded")], "test")
    shown = run("show", "film").stdout
    assert f"file: {folder.root}film.mp4" in shown
    assert f"{title.version[:12]} (current)" in shown
    assert "spoken: de, 0:00:00" in shown or "spoken: de, 0:00:01" in shown
    assert title.title_id + ".en." in shown


def test_changes_are_told(folder: FolderShelf) -> None:
    folder.put("film.mp4", video())
    folder.put("film.es.srt", b"hola")
    run("scan", folder.root)
    with open_catalog(load_settings().catalog_url) as catalog:
        title = catalog.title("film")
        assert title is not None
        catalog.enqueue([Planner().request(title, "es", "embedded")], "test")
    folder.put("film.mp4", video("changed"))
    told = run("scan", folder.root).stdout
    assert "0 added, 1 changed" in told
    assert "1 dubs of changed titles are requested anew" in told
    shown = run("show", "film").stdout
    assert shown.count("the video") == 2
    assert "waiting" in shown


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["scan", "/nowhere"], "there is no such folder"),
        (["scan", "/", "--from", "klingonese"], "--from: 'klingonese' is no known language"),
        (["scan", "s3://"], "no s3://bucket/key"),
        (["show", "nothing"], "the library has no such title"),
    ],
)
def test_what_can_not_be_done_is_said(
    installation: Path, arguments: list[str], message: str
) -> None:
    result = run(*arguments)
    assert result.exit_code == 65
    assert message in result.stderr


def test_folders_outside_the_allowed_ones_are_not_scanned(
    folder: FolderShelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.put("film.mp4", video())
    monkeypatch.setenv("AIRDUB_SOURCE_ROOTS", "/films")
    result = run("scan", folder.root)
    assert result.exit_code == 65
    assert "outside the allowed folders" in result.stderr
    assert "film" not in run("list").stdout
