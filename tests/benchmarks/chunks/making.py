"""One stage's chunks made in one way, by a process of its own.

`decode` and `encode` are the limit: what pictures take without any engine. `plain` is the engine in
one loop over the whole video. These three, and `chunks` made one after the other, are one process
and one thread. `local[N]` is Spark on so many cores; `idle[N]` is Spark that has nothing to do.
"""

from __future__ import annotations

import logging
import pickle
import re
import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from airdub.spark import Driver, SparkSettings, spark_properties
from airdub.stages import STAGES
from model_images.common.frames import FrameReader
from model_images.runner.chunk_progress import ChunkProgress
from model_images.runner.chunk_work import ChunkWork, Spread, in_this_process, make_chunks
from model_images.runner.chunks import ChunkJob, Site
from tests.benchmarks.chunks.specs import Spec


@dataclass(frozen=True)
class IdleChunks:
    """A `ChunkMaker` that makes nothing."""

    suffix: str = ".txt"
    media_type: str = "text/plain"

    @contextmanager
    def open(self, _site: Site) -> Iterator[Callable[[ChunkJob, Path], dict[str, Any]]]:
        """Nothing to open."""

        def make(_job: ChunkJob, path: Path) -> dict[str, Any]:
            path.touch()
            return {}

        yield make


def make(spec: Spec, way: str) -> None:
    """Do it, in this process."""
    if way == "decode":
        path = spec.site.fetch(spec.maker.source)
        with FrameReader(path, spec.maker.facts, spec.maker.table) as reader:
            deque(reader.read(0, spec.frames), maxlen=0)
    elif way == "encode":
        _make_chunks(spec.unedited().as_one(), in_this_process)
    elif way == "plain":
        _make_chunks(spec.as_one(), in_this_process)
    elif way == "chunks":
        _make_chunks(spec, in_this_process)
    else:
        _by_spark(spec, way)


def _by_spark(spec: Spec, way: str) -> None:
    from model_images.runner.spark import by_spark

    kind, cores = re.fullmatch(r"(local|idle)\[(\d+)\]", way).groups()
    properties = spark_properties(
        SparkSettings(master=f"local[{cores}]"), STAGES[spec.site.stage].resources
    )
    driver = Driver(properties.pop("spark.master"), properties)
    if kind == "idle":
        idle = [ChunkJob(number, (number, number + 1), {}) for number in range(int(cores))]
        spec = replace(spec, maker=IdleChunks(), jobs=idle)
    spread = partial(by_spark, driver=driver, attempt="attempt", announce=lambda *_: None)
    _make_chunks(spec, spread)


def _make_chunks(spec: Spec, spread: Spread) -> None:
    consents = frozenset(one for job in spec.jobs for one in job.consents)
    log = logging.getLogger("airdub.benchmark")
    told = ChunkProgress(spec.jobs, lambda *_: None, log, "frames")
    chunks = make_chunks(ChunkWork(spec.maker, spec.site, consents), spec.jobs, spread, told)
    assert all(chunk.made for chunk in chunks)


def main() -> None:
    """Make what a file asks for in a way: `python -m ... FILE WAY`."""
    spec = pickle.loads(Path(sys.argv[1]).read_bytes())  # noqa: S301 - written by `ways.measure`
    make(spec, sys.argv[2])


if __name__ == "__main__":
    main()
