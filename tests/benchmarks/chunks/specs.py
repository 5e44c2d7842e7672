"""What a stage asks for: chunks of a video."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from model_images.runner.chunks import ChunkJob, Site


@dataclass(frozen=True)
class Spec:
    """What a stage asks for: its maker and its jobs, and where they are made."""

    maker: Any
    jobs: Sequence[ChunkJob]
    site: Site

    @property
    def frames(self) -> int:
        """Of the video."""
        return self.jobs[-1].span[1]

    def as_one(self) -> Spec:
        """The same work as a single chunk."""
        payload = tuple(chain.from_iterable(job.payload or () for job in self.jobs))
        consents = tuple(sorted({one for job in self.jobs for one in job.consents}))
        whole = ChunkJob(0, (0, self.frames), self.jobs[0].key, payload, consents)
        grid = {"chunk_frames": self.frames} if hasattr(self.maker, "chunk_frames") else {}
        return replace(self, maker=replace(self.maker, **grid), jobs=[whole])

    def again(self) -> Spec:
        """The same, as another engine: so nothing of it is in the store."""
        version = f"at {time.monotonic_ns()}"
        engine = self.site.engine_ref.model_copy(update={"version": version})
        return replace(self, site=replace(self.site, engine_ref=engine))

    def unedited(self) -> Spec:
        """The same pictures without any change."""
        return replace(self, jobs=[replace(job, payload=(), consents=()) for job in self.jobs])
