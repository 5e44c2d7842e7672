"""The store keeps its promise on files and on S3 alike."""

from __future__ import annotations

import hashlib
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from airdub.artifacts import ArtifactRef, ArtifactStore, checked_key
from airdub.errors import InvalidInput
from tests.builders import local_store


@pytest.mark.parametrize(
    "key", ["", "/etc/passwd", "../x", "a/../b", "a//b", "a/./b", "a/", "a\\b", "a\0b"]
)
def test_keys_cannot_leave_the_store(key: str) -> None:
    with pytest.raises(InvalidInput):
        checked_key(key)
    with pytest.raises(ValidationError):
        ArtifactRef(key=key, sha256="0", bytes=0, media_type="x/y")


def test_a_file_comes_back_with_its_digest(store: ArtifactStore, tmp_path: Path) -> None:
    file = tmp_path / "take.wav"
    file.write_bytes(b"RIFF" * 1000)
    ref = store.put(file, "work/take.wav", "audio/wav")
    assert (ref.sha256, ref.bytes) == (hashlib.sha256(b"RIFF" * 1000).hexdigest(), 4000)
    assert store.fetch(ref, tmp_path / "down").read_bytes() == file.read_bytes()
    assert b"".join(store.stream(ref)) == file.read_bytes()
    assert store.holds(ref)


def test_changed_bytes_are_noticed_when_read(store: ArtifactStore, tmp_path: Path) -> None:
    file = tmp_path / "a.bin"
    file.write_bytes(b"right")
    ref = store.put(file, "a.bin", "x/y")
    store.write("a.bin", b"wrong")
    assert store.holds(ref)  # the size is right; only reading tells
    with pytest.raises(InvalidInput, match="not the ones"):
        store.fetch(ref, tmp_path)


def test_a_missing_artifact_says_what_to_do(store: ArtifactStore, tmp_path: Path) -> None:
    ref = ArtifactRef(key="gone.wav", sha256="0" * 64, bytes=1, media_type="audio/wav")
    assert not store.holds(ref)
    with pytest.raises(InvalidInput, match=r"gone\.wav.*clear the task"):
        store.fetch(ref, tmp_path)


def test_touching_makes_new_what_is_there_and_brings_nothing_back(store: ArtifactStore) -> None:
    store.write("a/b.json", b"{}")
    _, written = store.facts("a/b.json")
    time.sleep(1.1)  # S3 tells whole seconds
    assert store.touch("a/b.json")
    assert store.facts("a/b.json") > (2, written)
    assert store.read("a/b.json") == b"{}"
    store.delete("a")
    assert not store.touch("a/b.json")
    assert not store.list("a")


def test_of_many_writers_exactly_one_creates(store: ArtifactStore) -> None:
    start = threading.Barrier(8)
    won: list[int] = []

    def write(number: int) -> None:
        start.wait()
        if store.create("result.json", b"%d" % number * 1000):
            won.append(number)

    writers = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(won) == 1
    assert store.read("result.json") == b"%d" % won[0] * 1000


def test_listing_and_deleting(store: ArtifactStore) -> None:
    store.write("a/b/1.json", b"1")
    store.write("a/2.json", b"2")
    assert store.list("a") == ["a/2.json", "a/b/1.json"]
    store.delete("a/b")
    store.delete("a/never-there")
    assert store.list("a") == ["a/2.json"]
    assert store.list("nowhere") == []


def test_no_part_file_stays_behind(tmp_path: Path) -> None:
    store = local_store(tmp_path)
    store.write("x/1", b"1")
    store.create("x/2", b"2")
    store.create("x/2", b"3")
    assert store.list("x") == ["x/1", "x/2"]
    assert store.read("x/2") == b"2"


def test_a_bare_path_is_a_local_store(tmp_path: Path) -> None:
    store = ArtifactStore(str(tmp_path))
    assert store.is_local
    assert store.local_path("a/b") == tmp_path / "a" / "b"


def test_an_object_is_read_from_any_place(store: ArtifactStore) -> None:
    before = datetime.now(UTC) - timedelta(seconds=2)
    store.write("a/film.mp4", b"0123456789")
    size, written = store.facts("a/film.mp4")
    assert size == 10
    assert before < written < datetime.now(UTC) + timedelta(seconds=2)
    with store.open("a/film.mp4") as stream:
        stream.seek(7)
        assert stream.read() == b"789"
    with pytest.raises(FileNotFoundError):
        store.facts("a/other.mp4")


def test_a_listing_tells_sizes_times_and_folders(store: ArtifactStore) -> None:
    began = datetime.now(UTC) - timedelta(seconds=2)
    store.write("work/mix/ab/one.wav", b"12345")
    store.write("work/mix/cd/two.wav", b"")
    store.write("work/mix/list.json", b"{}")
    one, two = store.list_facts("work/mix/ab")[0], store.list_facts("work/mix/cd")[0]
    assert (one.key, one.bytes, two.bytes) == ("work/mix/ab/one.wav", 5, 0)
    assert began <= one.written <= datetime.now(UTC) + timedelta(seconds=1)
    assert len(store.list_facts("work")) == 3
    assert store.folders("work/mix") == ("ab", "cd")
    assert store.folders("nothing") == store.list_facts("nothing") == ()
