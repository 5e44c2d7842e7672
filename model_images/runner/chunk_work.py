"""Making chunks: each is made once, wherever that is, and kept.

A chunk is looked up before it is made and committed last, so whatever dies in between, only chunks
without a commit are made again.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from airdub.artifacts import ArtifactStore
from airdub.consents import joint_consent
from airdub.errors import AirdubError, EngineFailed, InvalidInput
from model_images.runner.chunk_progress import ChunkProgress
from model_images.runner.chunks import Chunk, ChunkJob, ChunkMaker, Site
from model_images.runner.failures import expected
from model_images.runner.items import ItemCache, StoredItem
from model_images.runner.stopping import stopped

log = logging.getLogger("airdub")

_LOOKERS = 8
"""Threads that look for chunks: a store far away takes its time for each answer."""


@dataclass(frozen=True)
class Outcome:
    """What became of one job: a stored item, or why there is none."""

    number: int
    item: StoredItem | None = None
    made: bool = False
    error: AirdubError | None = None


@dataclass(frozen=True)
class ChunkWork:
    """A stage's chunks of one request. It can be pickled.

    Attributes:
        consented: ids of all consents that the request states.
        from_start: a chunk is only come to through all that is before it.
    """

    maker: ChunkMaker
    site: Site
    consented: frozenset[str] = field(default_factory=frozenset)
    from_start: bool = False

    def find(self, job: ChunkJob) -> StoredItem | None:
        """The job's chunk, if it was made before."""
        return self._cache.get(_key(job), self._consent(job))

    def find_all(self, jobs: Collection[ChunkJob]) -> list[Outcome]:
        """What became of jobs before now: those whose chunk is there, and is used from now on."""
        with ThreadPoolExecutor(_LOOKERS) as pool:
            return [outcome for outcome in pool.map(self._found, jobs) if outcome]

    def _found(self, job: ChunkJob) -> Outcome | None:
        """Its bytes are verified, which they have to be anyway, before others are made."""
        item = self.find(job)
        if item is None or not self._cache.touch(item):
            return None
        try:
            self.site.fetch(item.file)
        except InvalidInput as error:
            log.warning("%s is made again: %s", _frames(job), error)
            self._cache.drop(item)
            return None
        return Outcome(job.number, item)

    def run(self, jobs: Iterable[ChunkJob]) -> Iterator[Outcome]:
        """Make chunks one after the other; what is there by now is only found.

        Expected failures end one chunk and become its outcome; any other is raised.
        """
        with closing(_Bench(self.maker, self.site)) as bench:
            for job in jobs:
                try:
                    outcome = self._outcome(job, bench)
                except Exception as error:
                    failure = expected(error)
                    if stopped.is_set() or failure is None:
                        raise
                    outcome = Outcome(job.number, error=_about(failure, job))
                yield outcome

    def _outcome(self, job: ChunkJob, bench: _Bench) -> Outcome:
        if item := self.find(job):
            return Outcome(job.number, item)
        file, data = bench.make(job)
        return Outcome(job.number, self._keep(job, file, data), made=True)

    def _keep(self, job: ChunkJob, file: Path, data: dict[str, Any]) -> StoredItem:
        try:
            media_type = self.maker.media_type
            return self._cache.put(_key(job), file, data, self._consent(job), media_type)
        finally:
            file.unlink()

    @property
    def _cache(self) -> ItemCache:
        store = ArtifactStore(self.site.store_url)
        return ItemCache(store, self.site.stage, self.site.engine_ref, "chunks")

    def _consent(self, job: ChunkJob) -> str:
        """Under which name the chunk is cached: with several people in it, of all consents.

        So it goes with whichever of them is revoked, and never stays by mistake.
        """
        if unknown := set(job.consents) - self.consented:
            raise EngineFailed(
                f"a chunk needs consents that the request does not state: {sorted(unknown)}"
            )
        if len(set(job.consents)) > 1:
            return joint_consent(self.consented)
        return joint_consent(job.consents) if job.consents else ""


Spread = Callable[[ChunkWork, Sequence[ChunkJob], ChunkProgress], Iterable[Outcome]]
"""Makes jobs wherever that is; gives their outcomes in any order."""


class _Bench:
    """A maker that is opened when it is first needed, and anew after a failure."""

    def __init__(self, maker: ChunkMaker, site: Site) -> None:
        self._maker, self._site = maker, site
        self._opened = ExitStack()
        self._write: Callable[[ChunkJob, Path], dict[str, Any]] | None = None
        self._broken: AirdubError | None = None

    def make(self, job: ChunkJob) -> tuple[Path, dict[str, Any]]:
        """A chunk's file and data."""
        write = self._write = self._write or self._open()
        file = self._site.scratch / f"chunk-{os.getpid()}-{job.number}{self._maker.suffix}"
        try:
            return file, write(job, file)
        except BaseException:
            file.unlink(missing_ok=True)
            self.close()  # nobody knows in which state the maker is
            raise

    def close(self) -> None:
        """Close what is open."""
        self._write = None
        self._opened.close()

    def _open(self) -> Callable[[ChunkJob, Path], dict[str, Any]]:
        if self._broken:  # what can't be opened for one chunk can't be for the next
            raise self._broken
        try:
            return self._opened.enter_context(self._maker.open(self._site))
        except AirdubError as error:
            self._broken = error
            raise


def make_chunks(
    work: ChunkWork, jobs: Sequence[ChunkJob], spread: Spread, told: ChunkProgress
) -> list[Chunk]:
    """Chunks of all jobs, in order of number.

    Args:
        spread: makes those that are missing.

    Raises:
        AirdubError: of the first chunk that failed; all others are made and kept.
    """
    ended = {outcome.number: outcome for outcome in work.find_all(jobs)}
    told.begin(ended)
    missing = [job for job in jobs if job.number not in ended]
    for outcome in spread(work, missing, told) if missing else ():
        ended[outcome.number] = outcome
        if outcome.item:
            told.done(outcome.number)
    chunks = []
    for job in sorted(jobs, key=lambda one: one.number):
        outcome = ended[job.number]
        if outcome.item is None:
            raise outcome.error or EngineFailed("a chunk was not made", where=_frames(job))
        chunks.append(
            Chunk(outcome.number, outcome.item.file, outcome.item.data, made=outcome.made)
        )
    return chunks


def in_this_process(
    work: ChunkWork, missing: Sequence[ChunkJob], _told: ChunkProgress
) -> Iterator[Outcome]:
    """One after the other, without Spark."""
    return work.run(missing)


def _key(job: ChunkJob) -> dict[str, Any]:
    return {"span": job.span, **job.key}


def _frames(job: ChunkJob) -> str:
    first, end = job.span
    return f"frames {first} to {end - 1}"


def _about(error: AirdubError, job: ChunkJob) -> AirdubError:
    """The failure with the frames that it is about."""
    frames = _frames(job)
    where = f"{error.where}, {frames}" if error.where else frames
    return type(error)(error.what, where=where, remedy=error.remedy)
