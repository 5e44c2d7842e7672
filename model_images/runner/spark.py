"""Chunks made by Spark. This process is the driver: what it started ends when it ends."""

from __future__ import annotations

import logging
import os
import pickle
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from airdub.artifacts import ArtifactStore
from airdub.errors import DependencyUnavailable
from airdub.spark import Driver
from model_images.runner.chunk_progress import ChunkProgress
from model_images.runner.chunk_work import ChunkWork, Outcome
from model_images.runner.chunks import ChunkJob
from model_images.runner.spark_session import application, failure_of

if TYPE_CHECKING:
    from pyspark import SparkContext

Announce = Callable[[str, str], None]
"""Told the application's id and the address of its page, "" without one, before it works."""

log = logging.getLogger("airdub")

_LOOK_S = 2.0
_PATIENCE_S = 300
"""How long to wait for a cluster's first executor."""

_CORES_FACTOR = 3
"""Partitions for each core: the last one to end makes the others wait for a third of its time."""

_AHEAD = 3
"""Chunks of a partition that are looked for: the next one may have failed."""

_MOST_CHUNKS = 8
"""In a partition: what is lost with a machine is looked for again one by one."""


def by_spark(
    work: ChunkWork,
    missing: Sequence[ChunkJob],
    told: ChunkProgress,
    *,
    driver: Driver,
    attempt: str,
    announce: Announce,
) -> list[Outcome]:
    """Make jobs on the executors of a Spark application of their own.

    Args:
        attempt: key of the attempt's folder in the store, by which jobs come to executors.

    Raises:
        DependencyUnavailable: there is no Java, no master, or nobody who works for it.
        ResourceExhausted: a process was killed for memory, again and again.
        EngineFailed: a chunk could not be made by a bug.
    """
    with application(driver, work.site.scratch) as context:
        announce(str(context.applicationId), context.uiWebUrl or "")
        foreign = not driver.is_local
        if foreign:
            _wait_for_executors(context)
        site = replace(work.site, threads=driver.threads, foreign=foreign)
        conf = dict(context.getConf().getAll())
        cores = cores_of(conf, context.defaultParallelism) // driver.threads
        wanted = driver.partitions or partitions_for(
            len(missing), cores, from_start=work.from_start
        )
        groups = grouped(missing, wanted)
        with _parcels(work.site.store_url, f"{attempt}/groups", groups) as keys:
            return _Job(context, replace(work, site=site), groups, keys, told).outcomes()


def cores_of(conf: Mapping[str, str], there: int) -> int:
    """Cores that an application asks a cluster for: more of them come than are there at first.

    Args:
        conf: all its properties.
        there: cores that are there; all of them on one machine.
    """
    if "spark.cores.max" in conf:
        return int(conf["spark.cores.max"])
    if "spark.executor.instances" in conf:
        return int(conf["spark.executor.instances"]) * int(conf.get("spark.executor.cores", "1"))
    return there


def partitions_for(chunks: int, cores: int, *, from_start: bool) -> int:
    """Partitions of so many chunks.

    Args:
        cores: those that may make a chunk each.
        from_start: each partition passes over all that comes before it, so more of them than
            cores would only pass over it again.
    """
    if from_start:
        return max(1, cores)
    return max(_CORES_FACTOR * cores, -(-chunks // _MOST_CHUNKS))


def grouped(jobs: Sequence[ChunkJob], wanted: int) -> list[list[ChunkJob]]:
    """Runs of consecutive jobs, as many as wanted and there are jobs for, of about one length."""
    rising = sorted(jobs, key=lambda job: job.number)
    count = max(1, min(wanted, len(rising)))
    edges = [len(rising) * n // count for n in range(count + 1)]
    return [rising[first:end] for first, end in pairwise(edges)]


@contextmanager
def _parcels(url: str, folder: str, groups: Sequence[Sequence[ChunkJob]]) -> Iterator[list[str]]:
    """Keys of groups in the store: a long film's jobs are more than a JVM's heap holds.

    Killed, this process leaves them where they go with the rest of its attempt.
    """
    store = ArtifactStore(url)
    try:
        for number, group in enumerate(groups):
            store.write(f"{folder}/{number}", pickle.dumps(group, pickle.HIGHEST_PROTOCOL))
        yield [f"{folder}/{number}" for number in range(len(groups))]
    finally:
        store.delete(folder)


def make_group(work: ChunkWork, keys: Iterable[str]) -> Iterator[Outcome]:
    """What an executor does with its partition: keys of groups in the store.

    What is unpickled was written by the very attempt that this executor works for. Who else may
    write to the store could as well write what stages run on, and no input chooses a key.
    """
    if work.site.foreign:
        work = replace(work, site=replace(work.site, scratch=_executor_scratch()))
        _show_own_gpu()
    for key in keys:
        yield from work.run(pickle.loads(ArtifactStore(work.site.store_url).read(key)))  # noqa: S301


class _Job:
    """One Spark job: it works in a thread, while this one tells how far it is."""

    def __init__(
        self,
        context: SparkContext,
        work: ChunkWork,
        groups: list[list[ChunkJob]],
        keys: list[str],
        told: ChunkProgress,
    ) -> None:
        self._context, self._work, self._told = context, work, told
        self._groups, self._keys = groups, keys
        self._done: list[Outcome] = []
        self._failed: BaseException | None = None

    def outcomes(self) -> list[Outcome]:
        """Of all jobs, once the last has ended."""
        self._told.start()
        thread = threading.Thread(target=self._collect, daemon=True)
        thread.start()
        waiting = [list(group) for group in self._groups]
        seen = time.monotonic()
        while thread.is_alive():
            thread.join(_LOOK_S)
            self._look(waiting)
            if not self._work.site.foreign or _has_executors(self._context):
                seen = time.monotonic()
            elif time.monotonic() - seen > _PATIENCE_S:
                raise _nobody(self._context)
        if self._failed:
            text = str(self._failed)
            log.error("%s", text.partition("\tat ")[0].rstrip())  # without Java's own stack
            raise failure_of(text) from None
        return self._done

    def _collect(self) -> None:
        try:
            spread = self._context.parallelize(self._keys, len(self._keys))
            self._done = spread.mapPartitions(partial(make_group, self._work)).collect()
        except BaseException as error:  # noqa: BLE001 - raised by the thread that waits
            self._failed = error

    def _look(self, waiting: list[list[ChunkJob]]) -> None:
        """Tell of chunks that were committed since the last look: the store is who knows it."""
        for group in waiting[: self._begun()]:
            while found := next(filter(self._work.find, group[:_AHEAD]), None):
                self._told.done(found.number)
                del group[: group.index(found) + 1]  # those before it failed

    def _begun(self) -> int:
        """How many partitions have begun; they do so in their order."""
        tracker = self._context.statusTracker()
        stages = [tracker.getStageInfo(stage) for stage in tracker.getActiveStageIds()]
        return sum(stage.numActiveTasks + stage.numCompletedTasks for stage in stages if stage)


def _wait_for_executors(context: SparkContext) -> None:
    """Until the first executor is there."""
    limit = time.monotonic() + _PATIENCE_S
    while not _has_executors(context):
        if time.monotonic() > limit:
            raise _nobody(context)
        time.sleep(0.5)


def _has_executors(context: SparkContext) -> bool:
    return bool(context._jsc.sc().getExecutorMemoryStatus().size() > 1)  # one is the driver


def _nobody(context: SparkContext) -> DependencyUnavailable:
    return DependencyUnavailable(
        f"nobody has worked for the Spark application for {_PATIENCE_S} s",
        where=str(context.master),
        remedy="look whether workers with enough free cores, memory and GPUs are up",
    )


def _executor_scratch() -> Path:
    """A folder that the executors of one application on a machine share, and Spark removes."""
    folder = Path(os.environ["SPARK_LOCAL_DIRS"].split(",")[0]).parent / "airdub"
    folder.mkdir(exist_ok=True)
    return folder


def _show_own_gpu() -> None:
    """Let this process see the GPU that Spark gave it, and no other."""
    from pyspark import TaskContext

    task = TaskContext.get()
    if task and "gpu" in task.resources():
        os.environ["CUDA_VISIBLE_DEVICES"] = ",".join(task.resources()["gpu"].addresses)
