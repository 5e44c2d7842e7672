"""Files over HTTP: whole and in ranges, and never one that isn't served."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from airdub.artifacts import ArtifactStore
from tests.s3 import s3_bucket, s3_process, s3_server
from tests.unit.plugins.finished import FOLDER, VIDEO, FinishedRun, finished_run

__all__ = ["s3_bucket", "s3_process", "s3_server"]

VIDEO_URL = f"/airdub/files/{FOLDER}/film.es.mp4"


@pytest.fixture(params=["file", "s3"])
def anywhere(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> FinishedRun:
    """The run on a disk and on S3."""
    if request.param == "file":
        found: FinishedRun = request.getfixturevalue("run")
        return found
    url = f"s3://{request.getfixturevalue('s3_bucket')}/library"
    monkeypatch.setenv("AIRDUB_STORE", url)
    return finished_run(ArtifactStore(url))


@pytest.mark.usefixtures("anywhere")
def test_a_file_comes_whole_with_its_type(viewer: TestClient) -> None:
    answer = viewer.get(VIDEO_URL)
    assert (answer.status_code, answer.content) == (200, VIDEO)
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["content-disposition"] == 'inline; filename="film.es.mp4"'
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]


@pytest.mark.usefixtures("anywhere")
@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("0-99", 0, 99), ("10000-", 10000, 10239), ("-5", 10235, 10239), ("9000-99999", 9000, 10239)],
)
def test_a_range_comes_alone(viewer: TestClient, asked: str, first: int, last: int) -> None:
    answer = viewer.get(VIDEO_URL, headers={"Range": f"bytes={asked}"})
    assert answer.status_code == 206
    assert answer.headers["content-range"] == f"bytes {first}-{last}/10240"
    assert answer.content == VIDEO[first : last + 1]


@pytest.mark.usefixtures("anywhere")
def test_a_range_beyond_the_end_is_refused(viewer: TestClient) -> None:
    answer = viewer.get(VIDEO_URL, headers={"Range": "bytes=10240-"})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == "bytes */10240"


@pytest.mark.usefixtures("anywhere")
def test_head_says_how_long_it_is(viewer: TestClient) -> None:
    answer = viewer.head(VIDEO_URL)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == "10240"


def test_a_file_may_be_saved_under_its_name(viewer: TestClient, run: FinishedRun) -> None:
    run.store.write("releases/film/es/1/película 1.mp4", VIDEO)
    answer = viewer.get("/airdub/files/releases/film/es/1/película 1.mp4?save=true")
    name = "pel%C3%ADcula%201.mp4"
    assert answer.headers["content-disposition"] == f"attachment; filename*=utf-8''{name}"


def test_releases_come_from_where_they_are_published(
    viewer: TestClient, run: FinishedRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = ArtifactStore((tmp_path / "public").as_uri())
    monkeypatch.setenv("AIRDUB_RELEASES", elsewhere.url)
    elsewhere.write("releases/film/es/1/release.json", b"{}")
    elsewhere.write(f"{FOLDER}/other.txt", b"not a release")
    assert viewer.get("/airdub/files/releases/film/es/1/release.json").content == b"{}"
    assert viewer.get(f"/airdub/files/{FOLDER}/other.txt").status_code == 404
    assert viewer.get(VIDEO_URL).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "drafts/film/es/abc",  # a folder
        "drafts",
        "",
        "drafts/film/es/abc/none.mp4",
        "runs/film.es.20261121T134720.1a12+b/summary.json",
        "work/ingest/%2e%2e/result.json",
        "drafts/../sources/film.mp4",
        "drafts/%2e%2e/secret.txt",
        "drafts/%2e%2e/%2e%2e/secret.txt",
        "drafts/..%2f..%2fsecret.txt",
        "drafts%5c..%5csecret.txt",
        "/etc/passwd",
        "drafts//film/es/abc/film.es.mp4",
        "drafts/film/es/abc/film.es.mp4/",
        "drafts/film/es/abc/film.es.mp4%00.txt",
        "drafts/film/es/abc/.film.es.mp4.part",
        "drafts/" + "a" * 5000,
        "secret.txt",
    ],
)
def test_nothing_else_is_served(viewer: TestClient, run: FinishedRun, path: str) -> None:
    run.store.write("secret.txt", b"secret")
    run.store.write(f"{FOLDER}/.film.es.mp4.part", b"secret")
    (run.store.local_path("secret.txt").parents[1] / "secret.txt").write_bytes(b"secret")
    answer = viewer.get(f"/airdub/files/{path}")
    assert answer.status_code == 404
    assert b"secret" not in answer.content
    assert str(run.store.local_path("x").parent) not in answer.text


def test_links_out_of_a_served_folder_are_not_followed(
    viewer: TestClient, run: FinishedRun, tmp_path: Path
) -> None:
    (tmp_path / "outside.txt").write_bytes(b"secret")
    run.store.write("work/hidden.txt", b"secret")
    folder = run.store.local_path(FOLDER)
    (folder / "outside.txt").symlink_to(tmp_path / "outside.txt")
    (folder / "hidden.txt").symlink_to(run.store.local_path("work/hidden.txt"))
    (folder / "loop.txt").symlink_to(folder / "loop.txt")
    (folder / "up").symlink_to(tmp_path)
    (folder / "film.txt").symlink_to(folder / "film.es.vtt")
    for name in ("outside.txt", "hidden.txt", "loop.txt", "up/outside.txt"):
        assert viewer.get(f"/airdub/files/{FOLDER}/{name}").status_code == 404, name
    assert viewer.get(f"/airdub/files/{FOLDER}/film.txt").content == b"WEBVTT\n"


def test_pages_of_the_store_run_nothing(viewer: TestClient, run: FinishedRun) -> None:
    run.store.write("gates/run/index.html", b"<script>alert(1)</script>")
    answer = viewer.get("/airdub/files/gates/run/index.html")
    policy = answer.headers["content-security-policy"]
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in policy
    assert "allow-scripts" not in policy
    assert "script-src" not in policy


@pytest.mark.parametrize("name", ["evil.js", "evil.xhtml", "evil", "evil.exe"])
def test_unknown_kinds_are_only_saved(viewer: TestClient, run: FinishedRun, name: str) -> None:
    run.store.write(f"gates/run/{name}", b"alert(1)")
    answer = viewer.get(f"/airdub/files/gates/run/{name}")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment")
