"""Chunks made by Spark. This process is the driver: what it started ends when it ends."""

from __future__ import annotations

import logging
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from airdub.errors import AirdubError, DependencyUnavailable, EngineFailed, ResourceExhausted
from airdub.spark import Driver
from model_images.runner.chunk_progress import ChunkProgress
from model_images.runner.chunk_work import ChunkWork, Outcome
from model_images.runner.chunks import ChunkJob
from model_images.runner.stopping import stopped

if TYPE_CHECKING:
    from pyspark import SparkContext

Announce = Callable[[str, str], None]
"""Told the application's id and the address of its page, "" without one, before it works."""

log = logging.getLogger("airdub")

_SOURCES = Path(__file__).resolve().parents[2]
_LOG4J = Path(__file__).with_name("log4j2.properties")
_FIND_GPUS = Path(__file__).with_name("find-gpus")
_LOOK_S = 2.0
_END_S = 10.0
_PATIENCE_S = 300
"""How long to wait for a cluster's first executor."""

_CORES_FACTOR = 3
"""Partitions for each core: the last one to end makes the others wait for a third of its time."""

_MOST_CHUNKS = 8
"""In a partition: what is lost with a machine is looked for again one by one."""


def by_spark(
    work: ChunkWork,
    missing: Sequence[ChunkJob],
    told: ChunkProgress,
    *,
    driver: Driver,
    announce: Announce,
) -> list[Outcome]:
    """Make jobs on the executors of a Spark application of their own.

    Raises:
        DependencyUnavailable: there is no Java, no master, or nobody who works for it.
        ResourceExhausted: a process was killed for memory, again and again.
        EngineFailed: a chunk could not be made by a bug.
    """
    with _application(driver, work.site.scratch) as context:
        announce(str(context.applicationId), context.uiWebUrl or "")
        foreign = not driver.is_local
        if foreign:
            _wait_for_executors(context)
        site = replace(work.site, threads=driver.threads, foreign=foreign)
        wanted = driver.partitions or max(
            _CORES_FACTOR * context.defaultParallelism // driver.threads,
            -(-len(missing) // _MOST_CHUNKS),
        )
        return _Job(context, replace(work, site=site), grouped(missing, wanted), told).outcomes()


def grouped(jobs: Sequence[ChunkJob], wanted: int) -> list[list[ChunkJob]]:
    """Runs of consecutive jobs, as many as wanted and there are jobs for, of about one length."""
    rising = sorted(jobs, key=lambda job: job.number)
    count = max(1, min(wanted, len(rising)))
    edges = [len(rising) * n // count for n in range(count + 1)]
    return [rising[first:end] for first, end in pairwise(edges)]


def make_group(work: ChunkWork, groups: Iterable[Sequence[ChunkJob]]) -> Iterator[Outcome]:
    """What an executor does with its partition."""
    if work.site.foreign:
        work = replace(work, site=replace(work.site, scratch=_executor_scratch()))
        _show_own_gpu()
    for group in groups:
        yield from work.run(group)


class _Job:
    """One Spark job: it works in a thread, while this one tells how far it is."""

    def __init__(
        self,
        context: SparkContext,
        work: ChunkWork,
        groups: list[list[ChunkJob]],
        told: ChunkProgress,
    ) -> None:
        self._context, self._work, self._groups, self._told = context, work, groups, told
        self._done: list[Outcome] = []
        self._failed: BaseException | None = None

    def outcomes(self) -> list[Outcome]:
        """Of all jobs, once the last has ended."""
        thread = threading.Thread(target=self._collect, daemon=True)
        thread.start()
        waiting = [list(group) for group in self._groups]
        while thread.is_alive():
            thread.join(_LOOK_S)
            self._look(waiting)
        if self._failed:
            text = str(self._failed)
            log.error("%s", text.partition("\tat ")[0].rstrip())  # without Java's own stack
            raise failure_of(text) from None
        return self._done

    def _collect(self) -> None:
        try:
            spread = self._context.parallelize(self._groups, len(self._groups))
            self._done = spread.mapPartitions(partial(make_group, self._work)).collect()
        except BaseException as error:  # noqa: BLE001 - raised by the thread that waits
            self._failed = error

    def _look(self, waiting: list[list[ChunkJob]]) -> None:
        """Tell of chunks that were committed since the last look: the store is who knows it."""
        for group in waiting[: self._begun()]:
            while group and self._work.find(group[0]):
                self._told.done(group.pop(0).number)

    def _begun(self) -> int:
        """How many partitions have begun; they do so in their order."""
        tracker = self._context.statusTracker()
        stages = [tracker.getStageInfo(stage) for stage in tracker.getActiveStageIds()]
        return sum(stage.numActiveTasks + stage.numCompletedTasks for stage in stages if stage)


@contextmanager
def _application(driver: Driver, scratch: Path) -> Iterator[SparkContext]:
    """A Spark application. It ends with the block, and with this process however that ends."""
    _need_java()
    from pyspark import SparkConf, SparkContext

    logging.getLogger("py4j").setLevel(logging.WARNING)
    folder = scratch / "spark"
    folder.mkdir(exist_ok=True)
    os.environ["SPARK_LOCAL_DIRS"] = str(folder)
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # on every machine at the same place
    arguments = ["--properties-file", str(driver.properties)] if driver.properties else []
    os.environ["PYSPARK_SUBMIT_ARGS"] = shlex.join([*arguments, "pyspark-shell"])
    conf = SparkConf(loadDefaults=False).setAll([*_conf(driver, folder).items()])
    try:
        context = SparkContext(conf=conf)
    except AirdubError:  # told to stop
        raise
    except Exception as error:
        raise failure_of(str(error)) from error
    try:
        yield context
    finally:
        _end(context)


def _end(context: SparkContext) -> None:
    """Stop the application, and the JVM with its memory and its files."""
    kind, gateway = type(context), context._gateway
    if not stopped.is_set():  # else there is no time, and the gateway may be confused
        context.stop()
        gateway.shutdown()
        gateway.proc.stdin.close()  # by which it ends
    try:
        gateway.proc.wait(0 if stopped.is_set() else _END_S)
    except subprocess.TimeoutExpired:
        gateway.proc.kill()
        gateway.proc.wait()
    kind._gateway = kind._jvm = None


def _conf(driver: Driver, folder: Path) -> dict[str, str]:
    """All properties but those that the installation's own file names: it goes first."""
    java = f"-Dlog4j2.configurationFile={_LOG4J.as_uri()}"
    options = "spark.driver.extraJavaOptions"
    conf = dict(driver.conf) | {
        "spark.master": driver.master,
        "spark.app.name": "airdub",
        "spark.jars.ivy": str(folder / "ivy"),  # Spark wants it although it fetches nothing
        "spark.executorEnv.PYTHONPATH": os.pathsep.join([str(_SOURCES), *_given_path()]),
        options: f"{driver.conf.get(options, '')} {java}".strip(),
    }
    if not driver.is_local:
        address = own_address(driver.master)
        conf |= {"spark.driver.host": address, "spark.driver.bindAddress": address}
    if driver.executor_pod:
        template = folder / "executor.json"
        template.write_text(driver.executor_pod)
        conf["spark.kubernetes.executor.podTemplateFile"] = str(template)
        if "spark.executor.resource.gpu.amount" in conf:
            conf["spark.executor.resource.gpu.discoveryScript"] = str(_FIND_GPUS)
    own = named_properties(driver.properties.read_text()) if driver.properties else set()
    return {name: value for name, value in conf.items() if name not in own}


def _given_path() -> list[str]:
    return list(filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep)))


def named_properties(text: str) -> set[str]:
    """Names in a file of Java properties."""
    lines = (line.strip() for line in text.splitlines())
    return {re.split(r"[\s=:]", line)[0] for line in lines if line and line[0] not in "#!"}


def own_address(master: str) -> str:
    """This machine's address as the master's network sees it; nothing is sent to find it."""
    url = urlsplit(master.removeprefix("k8s://").split(",")[0])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((url.hostname, url.port or 443))
        except OSError as error:
            raise DependencyUnavailable(
                f"the Spark master can't be reached: {error}",
                where=master,
                remedy="correct AIRDUB_SPARK_MASTER, or start the master",
            ) from error
        return str(probe.getsockname()[0])


def failure_of(text: str) -> AirdubError:
    """What Spark's own words about a failed job stand for."""
    killed = ("MemoryError", "Python worker exited unexpectedly", "OOMKilled", "code 137")
    if any(sign in text for sign in killed):
        return ResourceExhausted(
            "a process that makes chunks was killed, or ran out of memory",
            remedy="give the stage more memory or fewer cores",
        )
    if "masters are unresponsive" in text or "External scheduler cannot be instantiated" in text:
        return DependencyUnavailable(
            "the Spark master does not answer",
            where="AIRDUB_SPARK_MASTER",
            remedy="start it; what is made so far is kept",
        )
    return EngineFailed(_cause(text), remedy="see the traceback in the log")


def _cause(text: str) -> str:
    """The last line of Python's traceback in a failed job's text, else the first line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    raised = [line for line in lines if re.match(r"[\w.]*(Error|Exception|Failed)\b", line)]
    return (raised or lines or ["Spark failed without a word"])[0]


def _need_java() -> None:
    home = os.environ.get("JAVA_HOME")
    if not shutil.which("java", path=f"{home}/bin" if home else None):
        raise DependencyUnavailable(
            "Spark needs Java, and there is none",
            where=f"{home}/bin/java" if home else "java",
            remedy="install it: `apt-get install default-jre-headless`, or `make setup`",
        )


def _wait_for_executors(context: SparkContext) -> None:
    """Until the first executor is there; how many there are decides about partitions."""
    for _ in range(_PATIENCE_S):
        if context._jsc.sc().getExecutorMemoryStatus().size() > 1:  # the driver is one of them
            return
        threading.Event().wait(1)
    raise DependencyUnavailable(
        f"nobody worked for the Spark application within {_PATIENCE_S} s",
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
