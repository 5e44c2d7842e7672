"""What a stage sees of the world: its inputs, its outputs, and somebody to report to."""

from __future__ import annotations

import logging
import mimetypes
import os
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from pydantic import ValidationError

from airdub.artifacts import ArtifactRef, ArtifactStore
from airdub.consents import stated_consents
from airdub.errors import EngineFailed, InvalidInput
from airdub.model import Document, canonical_json
from airdub.requests import EngineRef, StageRequest
from airdub.spark import read_driver
from airdub.stages import STAGES
from model_images.runner.chunk_progress import ChunkProgress
from model_images.runner.chunk_work import ChunkWork, Spread, in_this_process, make_chunks
from model_images.runner.chunks import Chunk, ChunkJob, ChunkMaker, Site, fetch_once
from model_images.runner.environment import refuse_other_versions
from model_images.runner.items import ItemCache, NoteCache
from model_images.runner.reporting import emit

AnyDocument = TypeVar("AnyDocument", bound=Document)
Report = Callable[[int, int, str], None]

mimetypes.add_type("application/x-subrip", ".srt")
mimetypes.add_type("text/vtt", ".vtt")
mimetypes.add_type("audio/wav", ".wav")
mimetypes.add_type("video/x-matroska", ".mkv")


class StageContext:
    """One attempt at one request.

    Args:
        work: local folder of this attempt: outputs are written there, then stored.
        report: called with (done, total, unit).
    """

    def __init__(
        self,
        request: StageRequest,
        store: ArtifactStore,
        work: Path,
        report: Report,
    ) -> None:
        self.request = request
        self.parameters = request.parameters
        self.log = logging.getLogger(f"airdub.{request.stage}")
        self.items = ItemCache(store, request.stage, request.engine)
        self.notes = NoteCache(store, request.stage, request.engine)
        self.measurements: dict[str, Any] = {}
        self.warnings: list[str] = []
        self.n_scored = 0
        self.n_skipped = 0
        self.progress = report
        self._store = store
        self._work = work
        self._spec = STAGES[request.stage]
        self._files: dict[str, Path] = {}
        self._adopted: dict[str, ArtifactRef] = {}
        self._fetched: dict[ArtifactRef, Path] = {}

    def load_engine(self, other: EngineRef | None = None) -> ModuleType:
        """The module of the requested engine, imported now and not before.

        Args:
            other: another engine of the stage, which the parameters state for some items.

        Raises:
            InvalidInput: this environment has other versions of it.
        """
        stage = self.request.stage
        if other is not None and other != self.request.engine:
            refuse_other_versions(stage, other, f"{self.request.request_key}, parameters")
        engine = other or self.request.engine
        return import_module(f"model_images.{stage}.engines.{engine.name}")

    def items_by(self, engine: EngineRef | None) -> ItemCache:
        """The cache of an engine's items; of the requested one's when None."""
        return ItemCache(self._store, self.request.stage, engine or self.request.engine)

    def make_chunks(
        self,
        maker: ChunkMaker,
        jobs: Sequence[ChunkJob],
        *,
        unit: str = "frames",
        from_start: bool = False,
    ) -> list[Chunk]:
        """Chunks of all jobs, in order of number: found, or made now, and kept.

        Args:
            from_start: a chunk is only come to through all that is before it.

        Raises:
            AirdubError: of the first chunk that failed; all others are made and kept.
        """
        site = Site(self._store.url, self.request.stage, self.request.engine, 1, self.scratch)
        work = ChunkWork(maker, site, stated_consents(self.parameters), from_start)
        told = ChunkProgress(jobs, self.progress, self.log, unit)
        return make_chunks(work, jobs, self._spread(), told)

    def _spread(self) -> Spread:
        """By whom chunks are made: Spark, where this process was told of one."""
        driver = read_driver(os.environ)
        if driver is None:
            return in_this_process
        from model_images.runner.spark import by_spark

        def announce(application: str, page: str) -> None:
            said = {"id": application, "master": driver.master, "page": page}
            self._store.write(self.request.application_key, canonical_json(said))
            emit("application", **said)

        attempt = self.request.attempt_key
        return partial(by_spark, driver=driver, attempt=attempt, announce=announce)

    # inputs

    def has_input(self, name: str) -> bool:
        """Whether an optional input is there."""
        return name in self.request.inputs

    def input(self, name: str) -> Path:
        """An input as a local file whose bytes were verified.

        Raises:
            KeyError: the request has no such input.
            InvalidInput: its bytes are missing or not the stored ones.
        """
        return self.fetch(self.request.inputs[name])

    def fetch(self, ref: ArtifactRef) -> Path:
        """Any artifact as a local file whose bytes were verified."""
        if ref not in self._fetched:
            self._fetched[ref] = fetch_once(self._store, ref, self.scratch / "inputs")
        return self._fetched[ref]

    def document(self, name: str, model: type[AnyDocument]) -> AnyDocument:
        """An input parsed as a document of the contract.

        Raises:
            InvalidInput: it isn't one.
        """
        try:
            return model.model_validate_json(self.input(name).read_bytes())
        except ValidationError as error:
            raise InvalidInput(
                f"not a valid {model.__name__}: {error}",
                where=self.request.inputs[name].key,
                remedy="clear the task that made it",
            ) from error

    # outputs

    @property
    def scratch(self) -> Path:
        """A folder for temporary files; removed with the attempt."""
        folder = self._work / "scratch"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def output(self, name: str, suffix: str) -> Path:
        """Where to write an output; it is stored once the stage has returned.

        Raises:
            KeyError: the stage has no such output.
        """
        self._spec.output(name)
        path = self._work / "outputs" / f"{name}{suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        self._files[name] = path
        return path

    def write_document(self, name: str, document: Document) -> None:
        """Write an output document as JSON."""
        self.output(name, ".json").write_bytes(document.to_json())

    def adopt(self, name: str, ref: ArtifactRef) -> None:
        """Make an artifact that is already stored an output of this request."""
        self._spec.output(name)
        self._adopted[name] = ref

    def store_outputs(self) -> dict[str, ArtifactRef]:
        """Store every output that was written.

        Raises:
            EngineFailed: a required output was not written.
        """
        refs = dict(self._adopted)
        for name, path in self._files.items():
            if not path.is_file():
                raise EngineFailed("the stage announced an output and didn't write it", where=name)
            key = f"{self.request.attempt_key}/outputs/{name}{path.suffix}"
            media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            refs[name] = self._store.put(path, key, media_type)
        for port in self._spec.outputs:
            if not port.optional and port.name not in refs:
                raise EngineFailed("the stage ended without a required output", where=port.name)
        return dict(sorted(refs.items()))

    # reports

    def measure(self, name: str, value: Any) -> None:
        """Record a measurement; the unit is in the name (`loudness_lufs`)."""
        self.measurements[name] = value

    def warn(self, message: str) -> None:
        """Record a warning that the person who asked for the dub should see."""
        self.warnings.append(message)
        self.log.warning(message)

    def count(self, *, n_scored: int = 0, n_skipped: int = 0) -> None:
        """Add to the items worked on and the items left out."""
        self.n_scored += n_scored
        self.n_skipped += n_skipped
