"""Chunks are made once, kept, and found again by all that may change them."""

from __future__ import annotations

import errno
import os
import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from airdub.artifacts import ArtifactRef
from airdub.consents import consent_folder, joint_consent
from airdub.errors import (
    DependencyUnavailable,
    EngineFailed,
    InvalidInput,
    ResourceExhausted,
    TemporaryFailure,
)
from model_images.runner.chunk_work import ChunkWork
from model_images.runner.chunks import ChunkJob, Site
from model_images.runner.context import StageContext
from model_images.runner.items import StoredItem
from tests.builders import stage_context

DIARY: list[str] = []
"""What the makers of this process did."""


@dataclass(frozen=True)
class Scribe:
    """Writes each chunk's span; fails at the frames that it is told."""

    fails_at: tuple[int, ...] = ()
    error: type[Exception] = InvalidInput
    closed_for: str = ""
    suffix: str = ".txt"
    media_type: str = "text/plain"

    @contextmanager
    def open(self, site: Site) -> Iterator[Callable[[ChunkJob, Path], dict[str, Any]]]:
        DIARY.append("open")
        if self.closed_for:
            raise DependencyUnavailable(self.closed_for)
        yield self._write
        DIARY.append("close")

    def _write(self, job: ChunkJob, file: Path) -> dict[str, Any]:
        first, end = job.span
        DIARY.append(f"{first}-{end}")
        file.write_text("half")
        if first in self.fails_at:
            raise self.error("the picture is torn")
        file.write_text(f"{first} to {end}")
        return {"frames": end - first}


@pytest.fixture(autouse=True)
def _new_diary() -> None:
    DIARY.clear()


@pytest.fixture
def context(tmp_path: Path) -> StageContext:
    return stage_context(
        tmp_path, "lipsync", "hybrid", {"consented": {"ANNA": "a1", "BEN": "b2", "CARL": "c3"}}
    )


class FullDisk(OSError):
    """As a write to it raises."""

    def __init__(self, text: str) -> None:
        super().__init__(errno.ENOSPC, text)


def jobs(count: int, frames: int = 10, **more: Any) -> list[ChunkJob]:
    return [
        ChunkJob(number, (number * frames, (number + 1) * frames), {"source": "s"}, **more)
        for number in range(count)
    ]


def texts(context: StageContext, made: list[Any]) -> list[str]:
    return [context.fetch(chunk.ref).read_text() for chunk in made]


def test_chunks_come_in_order_with_their_files_and_data(context: StageContext) -> None:
    made = context.make_chunks(Scribe(), jobs(3)[::-1])
    assert [chunk.number for chunk in made] == [0, 1, 2]
    assert texts(context, made) == ["0 to 10", "10 to 20", "20 to 30"]
    assert [chunk.data for chunk in made] == [{"frames": 10}] * 3
    assert all(chunk.made and chunk.ref.media_type == "text/plain" for chunk in made)
    assert DIARY.count("open") == DIARY.count("close") == 1
    assert not list(context.scratch.glob("chunk-*"))


def test_only_what_is_missing_is_made(context: StageContext) -> None:
    first = context.make_chunks(Scribe(), jobs(3))
    context._store.delete(first[1].ref.key)
    DIARY.clear()
    again = context.make_chunks(Scribe(), jobs(4))
    assert DIARY == ["open", "10-20", "30-40", "close"]
    assert [chunk.made for chunk in again] == [False, True, False, True]
    assert [chunk.ref for chunk in again[:3]] == [chunk.ref for chunk in first]
    DIARY.clear()
    assert [chunk.made for chunk in context.make_chunks(Scribe(), jobs(4))] == [False] * 4
    assert DIARY == []


def test_a_chunk_that_is_found_is_not_old(context: StageContext) -> None:
    (chunk,) = context.make_chunks(Scribe(), jobs(1))
    manifest = context._store.local_path(chunk.ref.key).with_name("item.json")
    os.utime(manifest, (0, 0))
    context.make_chunks(Scribe(), jobs(1))
    assert manifest.stat().st_mtime > 0


def test_a_damaged_chunk_is_made_again(context: StageContext, tmp_path: Path) -> None:
    _, chunk, _ = context.make_chunks(Scribe(), jobs(3))
    context._store.write(chunk.ref.key, b"10 to 2O")  # as long as it was
    later = retry_of(context, tmp_path)
    again = later.make_chunks(Scribe(), jobs(3))
    assert [one.made for one in again] == [False, True, False]
    assert texts(later, again) == ["0 to 10", "10 to 20", "20 to 30"]


def test_a_chunk_that_goes_while_it_is_found_is_made_again(
    context: StageContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    (chunk,) = context.make_chunks(Scribe(), jobs(1))
    find = ChunkWork.find

    def find_and_lose(work: ChunkWork, job: ChunkJob) -> StoredItem | None:
        found = find(work, job)
        context._store.delete(chunk.ref.key.rpartition("/")[0])
        return found

    monkeypatch.setattr(ChunkWork, "find", find_and_lose)
    assert [one.made for one in context.make_chunks(Scribe(), jobs(1))] == [True]


@pytest.mark.parametrize("change", ["key", "span"])
def test_another_key_or_span_is_another_chunk(context: StageContext, change: str) -> None:
    context.make_chunks(Scribe(), jobs(1))
    (job,) = jobs(1)
    other = replace(job, key={"source": "t"}) if change == "key" else replace(job, span=(0, 9))
    assert context.make_chunks(Scribe(), [other])[0].made
    assert not context.make_chunks(Scribe(), [replace(job, number=7, payload="other")])[0].made


def test_a_failed_chunk_fails_the_stage_after_all_others(context: StageContext) -> None:
    with pytest.raises(InvalidInput, match="frames 10 to 19: the picture is torn"):
        context.make_chunks(Scribe(fails_at=(10, 20)), jobs(4))
    assert DIARY == [
        "open",
        "0-10",
        "10-20",
        "close",
        "open",
        "20-30",
        "close",
        "open",
        "30-40",
        "close",
    ]
    DIARY.clear()
    made = context.make_chunks(Scribe(), jobs(4))
    assert [chunk.made for chunk in made] == [False, True, True, False]
    assert texts(context, made)[1:3] == ["10 to 20", "20 to 30"]


def test_running_out_of_memory_is_typed(context: StageContext) -> None:
    with pytest.raises(ResourceExhausted, match="frames 0 to 9: out of memory"):
        context.make_chunks(Scribe(fails_at=(0,), error=MemoryError), jobs(2))


def test_a_full_disk_is_typed(context: StageContext) -> None:
    with pytest.raises(TemporaryFailure, match="frames 0 to 9: no space left"):
        context.make_chunks(Scribe(fails_at=(0,), error=FullDisk), jobs(2))
    assert "10-20" in DIARY


def test_a_bug_is_raised_at_once(context: StageContext) -> None:
    with pytest.raises(ZeroDivisionError):
        context.make_chunks(Scribe(fails_at=(0,), error=ZeroDivisionError), jobs(2))
    assert "10-20" not in DIARY
    assert not list(context.scratch.glob("chunk-*"))


def test_a_maker_that_cannot_begin_is_not_asked_again(context: StageContext) -> None:
    with pytest.raises(DependencyUnavailable, match="frames 0 to 9: no weights"):
        context.make_chunks(Scribe(closed_for="no weights"), jobs(9))
    assert DIARY == ["open"]


class TestConsents:
    def test_a_chunk_of_one_person_lies_under_her_consent(self, context: StageContext) -> None:
        (chunk,) = context.make_chunks(Scribe(), jobs(1, consents=("a1",)))
        assert chunk.ref.key.startswith(f"{consent_folder('lipsync', 'a1')}/")

    def test_one_of_several_lies_where_any_revocation_looks(self, context: StageContext) -> None:
        everybody = consent_folder("lipsync", joint_consent({"c3", "a1", "b2"}))
        (chunk,) = context.make_chunks(Scribe(), jobs(1, consents=("a1", "b2")))
        assert chunk.ref.key.startswith(f"{everybody}/")
        context._store.delete(everybody)
        assert context.make_chunks(Scribe(), jobs(1, consents=("a1", "b2")))[0].made

    def test_nobody_is_shown_under_a_consent_that_was_not_given(
        self, context: StageContext
    ) -> None:
        with pytest.raises(EngineFailed, match="d4"):
            context.make_chunks(Scribe(), jobs(1, consents=("d4",)))
        assert DIARY == []

    def test_all_others_lie_apart(self, context: StageContext) -> None:
        (chunk,) = context.make_chunks(Scribe(), jobs(1))
        assert chunk.ref.key.startswith("work/lipsync/chunks/")


class TestSite:
    def test_an_input_is_fetched_once_for_all_processes_of_a_machine(
        self, context: StageContext, tmp_path: Path
    ) -> None:
        ref = given(context, tmp_path)
        site = Site(
            context._store.url, "lipsync", context.request.engine, 1, context.scratch, foreign=True
        )
        path = pickle.loads(pickle.dumps(site)).fetch(ref)  # noqa: S301 - our own
        assert path.read_bytes() == b"film"
        path.write_bytes(b"mlif")  # verified already: nobody reads it whole again
        assert site.fetch(ref) == path == context.fetch(ref)

    def test_other_bytes_than_the_stored_ones_are_refused(
        self, context: StageContext, tmp_path: Path
    ) -> None:
        ref = given(context, tmp_path)
        context._store.local_path(ref.key).write_bytes(b"mlif")
        for _ in range(2):
            with pytest.raises(InvalidInput, match="not the ones that were stored"):
                context.fetch(ref)


def retry_of(context: StageContext, folder: Path) -> StageContext:
    """Another attempt, which has verified nothing yet."""
    return StageContext(context.request, context._store, folder / "retry", context.progress)


def given(context: StageContext, folder: Path) -> ArtifactRef:
    film = folder / "film.mp4"
    film.write_bytes(b"film")
    return context._store.put(film, "inputs/film.mp4", "video/mp4")
