"""Work that is cut into chunks: what a stage says of each, and what it gets back.

A chunk is a pure function of its key: how chunks are grouped, or on how many cores they are made,
changes none of them. `StageContext.make_chunks` makes them.
"""

from __future__ import annotations

import fcntl
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

from pydantic import JsonValue

from airdub.artifacts import ArtifactRef, ArtifactStore
from airdub.requests import EngineRef
from model_images.runner.environment import refuse_other_versions


@dataclass(frozen=True)
class ChunkJob:
    """One chunk to make; it can be pickled.

    Attributes:
        number: its place among the others.
        span: half-open span of frames.
        key: JSON; everything that may change the chunk, but span, stage and engine.
        payload: what making it needs.
        consents: ids of those under which it shows an altered face.
    """

    number: int
    span: tuple[int, int]
    key: dict[str, Any]
    payload: Any = None
    consents: tuple[str, ...] = ()


@dataclass(frozen=True)
class Chunk:
    """A finished chunk.

    Attributes:
        data: small JSON values that its maker returned.
        made: now; else it was found.
    """

    number: int
    ref: ArtifactRef
    data: dict[str, JsonValue]
    made: bool


class ChunkMaker(Protocol):
    """How a stage makes its chunks: a frozen dataclass on module level, so it can be pickled."""

    @property
    def suffix(self) -> str:
        """Of a chunk's file: `.mp4`."""

    @property
    def media_type(self) -> str:
        """Of a chunk's file."""

    def open(
        self, site: Site
    ) -> AbstractContextManager[Callable[[ChunkJob, Path], dict[str, Any]]]:
        """Open readers and engine, once for a run of rising chunks in one process.

        What it gives writes one chunk's file and returns its data.
        """


@dataclass(frozen=True)
class Site:
    """Where chunks are made: a process, and what it has at hand. It can be pickled.

    Attributes:
        threads: that making a chunk may use.
        scratch: folder for temporary files and for inputs, shared by the processes of a machine.
        foreign: not in the environment whose versions were held against the request's.
    """

    store_url: str
    stage: str
    engine_ref: EngineRef
    threads: int
    scratch: Path
    foreign: bool = False

    def fetch(self, ref: ArtifactRef) -> Path:
        """An artifact as a local file whose bytes were verified, once on each machine."""
        return fetch_once(ArtifactStore(self.store_url), ref, self.scratch / "inputs")

    def engine(self) -> ModuleType:
        """The module of the requested engine.

        Raises:
            InvalidInput: this machine has other versions of it.
            DependencyUnavailable: this machine lacks something of it.
        """
        if self.foreign:
            _refuse_others(self.stage, self.engine_ref.model_dump_json())
        return import_module(f"model_images.{self.stage}.engines.{self.engine_ref.name}")


@cache
def loaded(engine: ModuleType) -> Any:
    """What an engine's module loads, once in each process."""
    return engine.load()


def fetch_once(store: ArtifactStore, ref: ArtifactRef, folder: Path) -> Path:
    """An artifact as a verified local file; processes that share a folder share the work.

    Raises:
        InvalidInput: it is missing, or its bytes are not the ones that were stored.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{ref.sha256}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # ends with the process
        verified = folder / f"{ref.sha256}.verified"
        if not verified.is_symlink():
            verified.symlink_to(store.fetch(ref, folder).absolute())
        return verified.readlink()


@cache
def _refuse_others(stage: str, stated: str) -> None:
    """Once in each process."""
    refuse_other_versions(stage, EngineRef.model_validate_json(stated), f"{stage}, chunks")
