"""A library of one series, and a title of it whose dub was published."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from airdub.artifacts import ArtifactRef, ArtifactStore
from airdub.catalog import Catalog, Release, open_catalog
from airdub.continuity.carrying import carried_inputs
from airdub.continuity.documents import ApprovedLines
from airdub.continuity.voices import SPEAKER_VOICES
from airdub.gates import Consequence
from airdub.judgements import StageUse
from airdub.library.documents import FileBeside, SourceVersion, Title
from airdub.model import Document
from airdub.orders import DubOrder
from airdub.requests import EngineRef, Provenance, StageResult
from airdub.transcript import Line, Lines
from tests.builders import local_store, stored, transcript
from tests.unit.airdub.catalog.judged import TITLE_ID, judgement

APERTIUM = EngineRef(name="apertium", version="1", programs={"apertium": "3.8"})
SPOKEN = {"s0001": ("Hello.", "Hola.", "apertium"), "s0002": ("Bye.", "Chao.", "script")}


@dataclass
class Library:
    """The catalogue and the store, and how to fill them."""

    catalog: Catalog
    store: ArtifactStore
    folder: Path

    def register(self, series_id: str | None = "tower") -> None:
        """Make the title an episode of a series."""
        file = FileBeside(
            ending="", location="/films/tower.mp4", sha256="a" * 64, bytes=1, stamp="1"
        )
        version = SourceVersion.of(TITLE_ID, [file], 60.0)
        title = Title(
            title_id=TITLE_ID, name="The tower", series_id=series_id, source_language="en",
            location=file.location, version=version.version, duration_s=60.0,
        )  # fmt: skip
        self.catalog.register(title, version)

    def file(self, name: str, content: str) -> ArtifactRef:
        """A stored file."""
        path = self.folder / f"{name}-{content}"
        path.write_text(content)
        return stored(self.store, path.name, path)

    def publish(
        self,
        run_id: str,
        files: dict[str, ArtifactRef],
        *,
        spoken: dict[str, tuple[str, str, str]] = SPOKEN,
        engine: EngineRef = APERTIUM,
        voices: dict[str, str] | None = None,
    ) -> None:
        """Record a run that said this, and its release as current."""
        said = [(at, one, two, how) for at, (one, two, how) in spoken.items()]
        source = transcript(*((float(at), at + 0.9, one) for at, (_, one, _, _) in enumerate(said)))
        lines = Lines(
            source_language="en",
            target_language="es-419",
            lines=tuple(Line(segment_id=at, text=two, method=how) for at, _, two, how in said),
        )
        voice = StageResult(
            stage="synthesize", fingerprint=f"synthesize of {run_id}", outputs={}, wall_s=1,
            measurements={SPEAKER_VOICES: voices or {}},
            provenance=Provenance(engine=EngineRef(name="espeak_ng", version="1")),
        )  # fmt: skip
        stages = (
            self.result(run_id, "ingest", files),
            self.result(run_id, "transcribe", self._outputs(run_id, transcript=source)),
            self.result(run_id, "translate", self._outputs(run_id, lines=lines), engine),
            self._use(run_id, voice),
        )
        self.catalog.record_judgement(judgement(run_id, Consequence.PUBLISH, stages=stages))
        replaced = next((one.release_id for one in self.releases if one.state == "current"), "")
        release = Release(
            release_id=f"release of {run_id}", title_id=TITLE_ID, language="es-419", run_id=run_id,
            folder="releases/x", sha256="b" * 64, replaces=replaced,
        )  # fmt: skip
        self.catalog.record_release(release)

    @property
    def releases(self) -> list[Release]:
        """Of the title in Spanish, the newest first."""
        return self.catalog.releases(TITLE_ID, "es-419")

    def _outputs(self, run_id: str, **documents: Document) -> dict[str, ArtifactRef]:
        return {
            name: stored(self.store, f"{run_id}-{name}", one) for name, one in documents.items()
        }

    def result(
        self, run_id: str, stage: str, outputs: dict[str, ArtifactRef], engine: EngineRef = APERTIUM
    ) -> StageUse:
        """A stage's result in the store."""
        result = StageResult(
            stage=stage, fingerprint=f"{stage} of {run_id}", outputs=outputs, wall_s=1,
            provenance=Provenance(engine=engine),
        )  # fmt: skip
        return self._use(run_id, result)

    def _use(self, run_id: str, result: StageResult) -> StageUse:
        key = f"work/{result.stage}/{run_id}/result.json"
        self.store.write(key, result.to_json())
        return StageUse(
            stage=result.stage, engine=result.provenance.engine.name, result_key=key,
            fingerprint=result.fingerprint, cached=False, wall_s=1,
        )  # fmt: skip

    def carried(
        self, files: dict[str, ArtifactRef], engine: EngineRef = APERTIUM, source: str = "en"
    ) -> dict[str, ArtifactRef]:
        """What a dub of the title would take along now."""
        order = DubOrder(
            title_id=TITLE_ID,
            source="/films/tower.mp4",
            source_language=source,
            target_language="es-419",
        )
        return carried_inputs(self.catalog, self.store, order, files, engine)

    def approved(self, files: dict[str, ArtifactRef], engine: EngineRef = APERTIUM) -> list[str]:
        """The translations that would be kept."""
        ref = self.carried(files, engine).get("approved")
        if ref is None:
            return []
        document = ApprovedLines.model_validate_json(self.store.read(ref.key))
        return [line.target for line in document.lines]


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with open_catalog(f"sqlite://{tmp_path}/catalog.db") as catalog:
        yield Library(catalog, local_store(tmp_path), tmp_path)
