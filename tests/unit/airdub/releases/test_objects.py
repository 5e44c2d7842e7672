"""Object stores: whole or not at all, and one winner of many."""

from __future__ import annotations

import resource
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from airdub.errors import Conflict, DependencyUnavailable, EngineFailed, InvalidInput
from airdub.releases import objects as module
from airdub.releases.objects import Content, ObjectStore, open_objects
from tests.unit.airdub.releases.objects import (
    FORK,
    SMALLEST_PART,
    content,
    die,
    in_process,
    remains,
)

KEY = "releases/film/es/one/film.mp4"
LARGE = SMALLEST_PART * 2 + 4321


def read(store: ObjectStore, key: str = KEY) -> bytes | None:
    found = store.read(key)
    return found.data if found else None


def test_a_small_object_is_created_once(objects: ObjectStore) -> None:
    assert objects.read(KEY) is None
    assert objects.put(KEY, b"first", None)
    assert objects.put(KEY, b"first", None)
    assert not objects.put(KEY, b"second", None)
    assert read(objects) == b"first"


def test_it_changes_only_from_the_state_that_was_read(objects: ObjectStore) -> None:
    objects.put(KEY, b"first", None)
    first = objects.read(KEY)
    assert objects.put(KEY, b"second", first)
    assert not objects.put(KEY, b"third", first)
    assert read(objects) == b"second"
    assert not objects.put("releases/never", b"x", first)
    assert objects.read("releases/never") is None


def test_of_many_writers_one_wins(objects: ObjectStore) -> None:
    for _ in range(3):
        before = objects.read(KEY)
        words = [f"{number} after {before}".encode() for number in range(8)]
        with ThreadPoolExecutor(8) as pool:
            won = list(pool.map(lambda word, seen=before: objects.put(KEY, word, seen), words))
        assert won.count(True) == 1
        assert read(objects) == words[won.index(True)]


def _put_in_another_process(url: str, word: bytes, won: object) -> None:
    store = open_objects(url)
    if store.put(KEY, word, store.read("releases/none")):
        won.put(word)  # type: ignore[attr-defined]


def test_of_many_processes_one_wins(url: str) -> None:
    won = FORK.SimpleQueue()
    words = [f"process {number}".encode() for number in range(4)]
    writers = [
        FORK.Process(target=_put_in_another_process, args=(url, word, won)) for word in words
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(300)
    assert [writer.exitcode for writer in writers] == [0] * 4
    winner = won.get()
    assert won.empty()
    assert read(open_objects(url)) == winner


@pytest.mark.parametrize("size", [0, 5, LARGE])
def test_an_upload_appears_with_all_of_its_bytes(objects: ObjectStore, size: int) -> None:
    data = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    objects.upload(KEY, content(data))
    assert b"".join(objects.stream(KEY)) == data
    assert list(objects.sizes("releases")) == [(KEY, size)]
    objects.upload(KEY, content(data))
    with pytest.raises(Conflict, match="never changed"):
        objects.upload(KEY, content(data + b"y"))
    assert list(objects.sizes("releases/film")) == [(KEY, size)]
    assert list(objects.sizes("releases/fil")) == []


@pytest.mark.parametrize("size", [1000, LARGE])
def test_other_bytes_than_announced_are_no_object(
    url: str, objects: ObjectStore, size: int
) -> None:
    announced = content(b"a" * size)
    for wrong in (b"a" * (size - 1) + b"b", b"a" * (size - 1), b"a" * (size + 1)):
        came = content(wrong)
        with pytest.raises(EngineFailed, match="instead of"):
            objects.upload(
                KEY, Content(came.blocks, announced.sha256, announced.bytes, "video/mp4")
            )
    assert list(objects.sizes("releases")) == []
    assert remains(url) == []


def _upload_and_die(url: str, data: bytes, blocks_before: int) -> None:
    whole = content(data, block=1 << 20)

    def blocks() -> Iterator[bytes]:
        for number, block in enumerate(whole.blocks()):
            if number == blocks_before:
                die()
            yield block

    open_objects(url).upload(KEY, Content(blocks, whole.sha256, whole.bytes, "video/mp4"))


@pytest.mark.parametrize("blocks_before", [0, 1, 7, 10])
def test_a_killed_upload_is_no_object_and_the_next_one_leaves_nothing_of_it(
    url: str, blocks_before: int
) -> None:
    data = b"abcd" * (LARGE // 4)
    assert in_process(_upload_and_die, url, data, blocks_before) == -9
    objects = open_objects(url)
    assert list(objects.sizes("releases")) == []
    assert len(remains(url)) == 1
    objects.upload(KEY, content(data))
    assert b"".join(objects.stream(KEY)) == data
    assert remains(url) == []


def _peak_of_upload(url: str, size: int, told: object) -> None:
    block = b"x" * (1 << 20)
    import hashlib

    digest = hashlib.sha256()
    for _ in range(size >> 20):
        digest.update(block)
    store = open_objects(url)
    store.put("releases/warm", b"up", None)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    blocks = lambda: (block for _ in range(size >> 20))  # noqa: E731
    store.upload(KEY, Content(blocks, digest.hexdigest(), size, "video/mp4"))
    for _ in store.stream(KEY):
        pass
    told.put(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)  # type: ignore[attr-defined]


def test_memory_does_not_grow_with_the_file(url: str) -> None:
    told = FORK.SimpleQueue()
    assert in_process(_peak_of_upload, url, 96 << 20, told) == 0
    assert told.get() < 60 << 10  # KiB


@pytest.mark.parametrize(
    "key", ["../x", "/etc/passwd", "a//b", "a/../../b", "", "a\\b", "a\0b", "./a"]
)
def test_keys_stay_inside(objects: ObjectStore, key: str) -> None:
    for action in (
        lambda: objects.read(key),
        lambda: objects.put(key, b"", None),
        lambda: objects.upload(key, content(b"")),
        lambda: list(objects.stream(key)),
        lambda: list(objects.sizes(key)),
    ):
        with pytest.raises(InvalidInput):
            action()


def test_a_temporary_file_is_no_object(tmp_path: Path) -> None:
    objects = open_objects(str(tmp_path))
    objects.put("a/b", b"1", None)
    (tmp_path / "a" / ".b.part").write_bytes(b"left by a killed writer")
    assert list(objects.sizes("a")) == [("a/b", 1)]
    with pytest.raises(InvalidInput, match="temporary"):
        objects.put("a/.b.part", b"", None)


def test_a_planted_link_is_not_written_through(tmp_path: Path) -> None:
    objects = open_objects(str(tmp_path / "store"))
    (tmp_path / "store" / "a").mkdir(parents=True)
    (tmp_path / "mine").write_bytes(b"mine")
    (tmp_path / "store" / "a" / ".b.part").symlink_to(tmp_path / "mine")
    with pytest.raises(DependencyUnavailable):
        objects.put("a/b", b"theirs", None)
    assert (tmp_path / "mine").read_bytes() == b"mine"


def test_what_is_missing_is_said(objects: ObjectStore) -> None:
    with pytest.raises(FileNotFoundError):
        list(objects.stream("releases/none"))
    assert list(objects.sizes("releases")) == []


def test_a_document_is_not_read_without_bound(
    objects: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    objects.put(KEY, b"x" * 100, None)
    for name in ("files", "s3"):
        monkeypatch.setattr(f"airdub.releases.{name}.LARGEST_DOCUMENT", 99)
    with pytest.raises(InvalidInput, match="too large"):
        objects.read(KEY)
    assert module.LARGEST_DOCUMENT > 99


def test_an_unknown_kind_of_store_is_refused() -> None:
    with pytest.raises(InvalidInput, match="AIRDUB_RELEASES"):
        open_objects("ftp://host/path")
    for wrong in ("s3://", "s3:///prefix", "s3://user:secret@bucket/x", "s3://bucket/../x"):
        with pytest.raises(InvalidInput) as told:
            open_objects(wrong)
        assert "secret" not in str(told.value)


def test_a_bucket_that_is_missing_is_said(s3_url: str) -> None:
    with pytest.raises(DependencyUnavailable, match="no bucket nowhere"):
        open_objects("s3://nowhere/x").put(KEY, b"", None)


def test_a_server_that_is_down_is_said_without_its_address(
    s3_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://somebody:hidden@127.0.0.1:9")
    monkeypatch.setattr("airdub.s3.TRIES", 1)
    with pytest.raises(DependencyUnavailable, match="can't be reached") as told:
        open_objects(s3_url).read(KEY)
    assert "hidden" not in str(told.value)
    assert told.value.__suppress_context__


class _Forgetful(BaseHTTPRequestHandler):
    """An S3 of old: it stores whatever it is sent, conditions or not."""

    protocol_version = "HTTP/1.1"

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("ETag", '"0"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing is told."""


def test_a_server_that_ignores_conditions_is_refused(
    s3_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Forgetful)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
    try:
        with pytest.raises(DependencyUnavailable, match="ignores If-None-Match"):
            open_objects(s3_url).put(KEY, b"", None)
    finally:
        server.shutdown()
        server.server_close()
