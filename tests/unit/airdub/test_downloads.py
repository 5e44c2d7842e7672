"""Downloads from a real HTTP server: whole and right, or not at all."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import resource
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from airdub.downloads import Download, download, token_headers
from airdub.errors import (
    AirdubError,
    DependencyUnavailable,
    InvalidInput,
    PolicyRefused,
    TemporaryFailure,
)
from tests.fakes.mirror import Mirror, mirror

CONTENT = os.urandom(3 << 20)
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    monkeypatch.setattr("tenacity.nap.time.sleep", lambda seconds: None)
    with mirror({"model.bin": CONTENT}) as running:
        yield running


def wanted(server: Mirror, folder: Path, path: str = "model.bin") -> Download:
    return Download(server.url(path), SHA256, len(CONTENT), folder / ".parts")


def fetch(one: Download) -> Path:
    target = one.parts.parent / "a" / "model.bin"
    with one.lock():
        download(one, target, lambda here: None)
    return target


def test_a_file_arrives_whole_and_its_progress_is_told(server: Mirror, tmp_path: Path) -> None:
    told: list[int] = []
    one = wanted(server, tmp_path)
    with one.lock():
        download(one, tmp_path / "model.bin", told.append)
    assert (tmp_path / "model.bin").read_bytes() == CONTENT
    assert told == sorted(told)
    assert told[-1] == len(CONTENT)
    assert (tmp_path / "model.bin").stat().st_mode & 0o777 == 0o644
    assert not one.part.exists()


def test_what_breaks_off_goes_on_where_it_was(server: Mirror, tmp_path: Path) -> None:
    server.faults = ["cut", 503]
    assert fetch(wanted(server, tmp_path)).read_bytes() == CONTENT
    ranges = [asked for _, asked in server.requests]
    assert ranges[0] == ""
    assert ranges[1] == ranges[2]
    assert 0 < int(ranges[1].removeprefix("bytes=").rstrip("-")) <= len(CONTENT) // 2


def test_another_process_goes_on_with_what_a_killed_one_left(
    server: Mirror, tmp_path: Path
) -> None:
    one = wanted(server, tmp_path)
    one.parts.mkdir()
    one.part.write_bytes(CONTENT[:1000])
    assert fetch(one).read_bytes() == CONTENT
    assert [asked for _, asked in server.requests] == ["bytes=1000-"]


@pytest.mark.parametrize(
    "left", [CONTENT[:999] + b"?", CONTENT + b"?", bytes(len(CONTENT))], ids=["part", "long", "all"]
)
def test_damaged_left_overs_are_fetched_anew(server: Mirror, tmp_path: Path, left: bytes) -> None:
    one = wanted(server, tmp_path)
    one.parts.mkdir()
    one.part.write_bytes(left)
    assert fetch(one).read_bytes() == CONTENT
    assert server.requests[-1] == ("/model.bin", "")


@pytest.mark.parametrize("fault", ["no range", "other range"])
def test_a_server_that_does_not_do_ranges(server: Mirror, tmp_path: Path, fault: str) -> None:
    server.faults = ["cut", fault]
    assert fetch(wanted(server, tmp_path)).read_bytes() == CONTENT


def test_other_bytes_are_refused_and_thrown_away(server: Mirror, tmp_path: Path) -> None:
    server.files["model.bin"] = CONTENT[:-1] + b"?"
    one = wanted(server, tmp_path)
    with pytest.raises(InvalidInput, match=rf"says {SHA256}.*don't use it"):
        fetch(one)
    assert [path.suffix for path in one.parts.iterdir()] == [".lock"]
    assert not (tmp_path / "a").exists()


def test_a_file_of_another_size_is_refused_before_it_is_fetched(
    server: Mirror, tmp_path: Path
) -> None:
    server.files["model.bin"] = CONTENT * 20
    one = wanted(server, tmp_path)
    with pytest.raises(InvalidInput, match=f"has {20 * len(CONTENT)} bytes"):
        fetch(one)
    assert one.part.stat().st_size == 0
    server.files["model.bin"], server.faults = CONTENT, ["long"]
    with pytest.raises(InvalidInput, match=f"more than {len(CONTENT)}"):
        fetch(one)


@pytest.mark.parametrize(
    ("status", "error", "words"),
    [
        (404, InvalidInput, "no such file.*engines.yaml"),
        (403, PolicyRefused, "accept the licence"),
        (400, DependencyUnavailable, "answers 400"),
    ],
)
def test_what_the_host_refuses(
    server: Mirror, tmp_path: Path, status: int, error: type[AirdubError], words: str
) -> None:
    server.faults = [status]
    with pytest.raises(error, match=words) as caught:
        fetch(Download(server.url("model.bin?sig=s3cret"), SHA256, 9, tmp_path / ".parts"))
    assert "s3cret" not in str(caught.value)
    assert len(server.requests) == 1


def test_a_host_that_never_gets_well_is_given_up(server: Mirror, tmp_path: Path) -> None:
    server.faults = [503] * 20
    with pytest.raises(DependencyUnavailable, match=r"503.*goes on where it was"):
        fetch(wanted(server, tmp_path))
    assert len(server.requests) == 6
    server.server_close()
    with pytest.raises(DependencyUnavailable, match="breaks off"):
        fetch(wanted(server, tmp_path))


def test_a_full_disk_is_told_and_what_arrived_is_kept(
    server: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = wanted(server, tmp_path)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, hard))
    try:
        with pytest.raises(TemporaryFailure, match=r"can't be written.*make room"):
            fetch(one)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert one.part.read_bytes() == CONTENT[: 1 << 20]
    one.part.write_bytes(CONTENT[:1000])
    usage = shutil.disk_usage(tmp_path)._replace(free=5000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    with pytest.raises(TemporaryFailure, match=f"{len(CONTENT) - 1000} bytes are to come and 5000"):
        fetch(one)
    assert one.part.read_bytes() == CONTENT[:1000]


def test_who_comes_second_waits_at_the_lock(server: Mirror, tmp_path: Path) -> None:
    server.pause = threading.Event()
    one = wanted(server, tmp_path)
    fork = multiprocessing.get_context("fork")
    first = fork.Process(target=fetch, args=(one,))
    first.start()
    while not server.requests:
        assert first.is_alive()
    got = threading.Event()

    def second() -> None:
        with one.lock():
            got.set()

    waiting = threading.Thread(target=second)
    waiting.start()
    assert not got.wait(0.3)
    first.kill()  # the kernel frees the lock, and the part stays
    assert got.wait(10)
    waiting.join()
    first.join()
    server.pause = None
    assert fetch(one).read_bytes() == CONTENT


def test_a_token_is_only_shown_to_its_host_and_only_over_https() -> None:
    env = {"HF_TOKEN": "hf_secret"}
    shown = {"Authorization": "Bearer hf_secret"}
    assert token_headers("https://huggingface.co/m/resolve/1/model.bin", env) == shown
    assert token_headers("http://huggingface.co/m", env) == {}
    assert token_headers("https://huggingface.co.evil.example/m", env) == {}
    assert token_headers("https://example.org/huggingface.co", env) == {}
    assert token_headers("https://huggingface.co/m", {}) == {}
