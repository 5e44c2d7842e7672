"""Chunks of the new picture: a span of frames, rendered where it is edited, and encoded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import cv2

from airdub.artifacts import ArtifactRef
from airdub.errors import EngineFailed
from airdub.media import VideoFacts
from model_images.common.frames import FrameReader, FrameTable
from model_images.common.pictures import Picture, Planes
from model_images.lipsync.encode import SETTINGS, ChunkWriter, ColourTags
from model_images.lipsync.planning import Plan, by_frame, digest, lenders
from model_images.lipsync.protocol import Edit, LipEngine
from model_images.lipsync.scenes import Span
from model_images.runner.chunks import ChunkJob, Site, loaded


@dataclass(frozen=True)
class LipChunks:
    """The `ChunkMaker` of this stage; a job's payload are its edits.

    A chunk without edits goes from the decoder to the encoder; no engine is loaded for it.
    """

    source: ArtifactRef
    facts: VideoFacts
    table: FrameTable
    tags: ColourTags
    suffix: str = ".mp4"
    media_type: str = "video/mp4"

    @contextmanager
    def open(self, site: Site) -> Iterator[Callable[[ChunkJob, Path], dict[str, Any]]]:
        """Readers of the pictures and, ahead of them, of those that lend."""
        cv2.setNumThreads(site.threads)
        source = site.fetch(self.source)
        with (
            FrameReader(source, self.facts, self.table) as pictures,
            FrameReader(source, self.facts, self.table) as donors,
            TemporaryDirectory(dir=site.scratch) as scratch,
        ):

            def rendered(span: Span, edits: Sequence[Edit]) -> Iterable[tuple[Picture, Planes]]:
                shown = pictures.read(*span)
                if not edits:
                    return ((picture, picture.planes) for picture in shown)
                lent = donors.read(*lenders(edits))
                engine: LipEngine = loaded(site.engine())
                return engine.render(shown, lent, by_frame(edits), Path(scratch))

            def make(job: ChunkJob, path: Path) -> dict[str, Any]:
                first, end = job.span
                return self._encode(rendered(job.span, job.payload), end - first, path)

            yield make

    def _encode(
        self, pictures: Iterable[tuple[Picture, Planes]], expected: int, path: Path
    ) -> dict[str, Any]:
        interlaced, written = False, 0
        with ChunkWriter(path, self.facts, self.tags) as writer:
            for picture, planes in pictures:
                interlaced = interlaced or picture.interlaced
                writer.write(picture, planes)
                written += 1
        if written != expected:
            raise EngineFailed(f"the engine gave {written} pictures for {expected}")
        return {"delay": writer.delay, "interlaced": interlaced}


def jobs_of(
    chunks: Sequence[Span],
    plan: Plan,
    source: ArtifactRef,
    facts: VideoFacts,
    consents: Mapping[str, tuple[str, ...]],
) -> list[ChunkJob]:
    """All chunks of a video; each key holds what the chunk alone depends on.

    Args:
        consents: ids of the consents under which a face is altered, by person.
    """
    everywhere = {
        "source": source.sha256,
        "video": facts.model_dump(mode="json"),
        "encoder": SETTINGS,
    }
    return [
        ChunkJob(
            number=number,
            span=span,
            key={**everywhere, "edits": digest(plan.get(number, ()))},
            payload=tuple(plan.get(number, ())),
            consents=_consents(plan.get(number, ()), consents),
        )
        for number, span in enumerate(chunks)
    ]


def _consents(edits: Iterable[Edit], consents: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(sorted({one for edit in edits for one in consents[edit.face]}))
