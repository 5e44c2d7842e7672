"""Spark for the stages that are cut into chunks: its settings, and what follows from them. Pure.

The stage's own process is Spark's driver (docs/adr/0027). What it is told, it is told by variables
of its environment: `driver_environment` writes them, `read_driver` reads them.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from airdub.errors import InvalidInput
from airdub.stages import Resources

_HEAP_MB = 512
"""Of a JVM: it only hands out work, which Python does beside it."""

_LEAST_OVERHEAD_MB = 384

_JAVA = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1"  # starts sooner, and leaves the cores to Python

_FAILURES = 4
"""After which Spark gives a partition up."""

_MOST = 10_000

_MASTER = re.compile(r"local\[(\*|[1-9]\d{0,3})(?:,\d+)?\]|spark://[^\s/]+|k8s://https?://[^\s]+")

_MASTER_VARIABLE = "AIRDUB_SPARK_MASTER"
_PARTITIONS = "AIRDUB_SPARK_PARTITIONS"
_PROPERTIES = "AIRDUB_SPARK_PROPERTIES"
_CONF = "AIRDUB_SPARK_CONF"
_EXECUTOR_POD = "AIRDUB_SPARK_EXECUTOR_POD"

DRIVER_PORT, BLOCK_PORT = 7078, 7079
"""Of drivers and executors that are pods: network policies name them."""


@dataclass(frozen=True)
class SparkSettings:
    """What an installation may choose; no secret is among it.

    Attributes:
        master: `local[*]` (as many cores as the profile gives the stage), `local[N]`,
            `spark://HOST:PORT`, or in the Kubernetes runtime `k8s://https://HOST`
            (AIRDUB_SPARK_MASTER).
        executors: machines, or pods, that one stage may use at once, each with the cores and GPUs,
            and pods with the memory, that the profile gives the stage (AIRDUB_SPARK_EXECUTORS).
        partitions: into which a stage's missing chunks are grouped; 0 chooses
            (AIRDUB_SPARK_PARTITIONS).
        properties: file of Spark properties that go before all that airdub sets, such as
            `spark.authenticate.secret` (AIRDUB_SPARK_PROPERTIES).
    """

    master: str = "local[*]"
    executors: int = 2
    partitions: int = 0
    properties: Path | None = None

    @property
    def starts_pods(self) -> bool:
        """Whether executors are pods."""
        return self.master.startswith("k8s:")


@dataclass(frozen=True)
class Driver:
    """What a stage's process is told, as Spark's driver.

    Attributes:
        conf: Spark's properties.
        executor_pod: template of executors' pods, as JSON; "" where they are none.
    """

    master: str
    conf: Mapping[str, str]
    partitions: int = 0
    properties: Path | None = None
    executor_pod: str = ""

    @property
    def is_local(self) -> bool:
        """Whether all work is done on the driver's own machine."""
        return self.master.startswith("local")

    @property
    def threads(self) -> int:
        """That a chunk may use."""
        return int(self.conf.get("spark.task.cpus", "1"))


def read_spark_settings(env: Mapping[str, str], runtime: str) -> SparkSettings:
    """Read the settings of Spark from environment variables.

    Raises:
        InvalidInput: a value can't be used.
    """
    return SparkSettings(
        master=_master(env.get(_MASTER_VARIABLE) or SparkSettings.master, runtime),
        executors=_count(env, "AIRDUB_SPARK_EXECUTORS", SparkSettings.executors, least=1),
        partitions=_count(env, _PARTITIONS, SparkSettings.partitions, least=0),
        properties=_properties_file(env.get(_PROPERTIES) or "", runtime),
    )


def spark_properties(settings: SparkSettings, resources: Resources) -> dict[str, str]:
    """Spark's properties for a stage with these resources; the master is among them.

    An executor has the stage's cores, and as a pod its memory, and makes one chunk on each core; of
    GPUs each executor has one, with its share of the cores, and makes one chunk at a time. Workers
    of a standalone cluster only count the JVM's memory: what Python takes can't be asked of them.
    """
    cores = max(1, math.ceil(resources.cpus) // max(1, resources.gpus))
    threads = cores if resources.gpus else 1
    executors = max(1, resources.gpus)
    found = {
        "spark.master": settings.master,
        "spark.task.cpus": str(threads),
        "spark.driver.memory": f"{_HEAP_MB}m",
        "spark.driver.extraJavaOptions": _JAVA,
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    if settings.master.startswith("local"):
        return found | _local(settings.master, executors * cores, threads)
    found |= {
        "spark.task.maxFailures": str(_FAILURES),
        "spark.executor.cores": str(cores),
        "spark.executor.memory": f"{_HEAP_MB}m",
        "spark.executor.extraJavaOptions": _JAVA,
    }
    if resources.gpus:
        found["spark.executor.resource.gpu.amount"] = "1"
        found["spark.task.resource.gpu.amount"] = "1"
    executors *= settings.executors
    if settings.master.startswith("spark:"):
        more = {"spark.cores.max": str(executors * cores)}
        return found | more | {"spark.authenticate": "true"}  # the file says by which secret
    memory_mb = (resources.memory_mb + resources.shm_mb) // max(1, resources.gpus)
    overhead = max(_LEAST_OVERHEAD_MB, memory_mb - _HEAP_MB)
    return found | {
        "spark.driver.port": str(DRIVER_PORT),
        "spark.driver.blockManager.port": str(BLOCK_PORT),
        "spark.blockManager.port": str(BLOCK_PORT),
        "spark.authenticate": "true",  # with a secret that Spark makes up and hands to its pods
        "spark.network.crypto.enabled": "true",
        "spark.executor.instances": str(executors),
        "spark.executor.memoryOverhead": f"{overhead}m",
    }


def _local(master: str, cores: int, threads: int) -> dict[str, str]:
    """Everything in one process, which nobody else can talk to."""
    chosen = _MASTER.fullmatch(master)
    asked = chosen[1] if chosen else "*"
    cores = cores if asked == "*" else int(asked)
    return {
        "spark.master": f"local[{cores},{_FAILURES}]",
        "spark.task.cpus": str(min(threads, cores)),
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.authenticate": "true",
    }


def driver_environment(
    settings: SparkSettings,
    resources: Resources,
    more: Mapping[str, str] | None = None,
    executor_pod: str = "",
) -> dict[str, str]:
    """Variables of a stage's process that tell it how to use Spark.

    Args:
        more: further properties.
        executor_pod: see `Driver`.
    """
    conf = spark_properties(settings, resources) | dict(more or {})
    variables = {
        _MASTER_VARIABLE: conf.pop("spark.master"),
        _PARTITIONS: str(settings.partitions),
        _CONF: json.dumps(conf, sort_keys=True),
    }
    if settings.properties:
        variables[_PROPERTIES] = str(settings.properties)
    if executor_pod:
        variables[_EXECUTOR_POD] = executor_pod
    return variables


def read_driver(env: Mapping[str, str]) -> Driver | None:
    """What `driver_environment` wrote; None: chunks are made without Spark.

    Raises:
        InvalidInput: nobody wrote it, or the file of properties isn't there.
    """
    master = env.get(_MASTER_VARIABLE)
    if not master:
        return None
    if not env.get(_CONF):  # Spark's own defaults open a page to everybody
        raise InvalidInput(
            f"{_MASTER_VARIABLE} says where, but no {_CONF} says how",
            where=_CONF,
            remedy=f"leave {_MASTER_VARIABLE} out: chunks are made without Spark then",
        )
    file = env.get(_PROPERTIES)
    if file and not Path(file).is_file():
        raise InvalidInput(
            f"there is no file {file}", where=_PROPERTIES, remedy="correct it, or leave it out"
        )
    return Driver(
        master=master,
        conf=json.loads(env[_CONF]),
        partitions=int(env.get(_PARTITIONS) or 0),
        properties=Path(file) if file else None,
        executor_pod=env.get(_EXECUTOR_POD) or "",
    )


def _master(text: str, runtime: str) -> str:
    if not _MASTER.fullmatch(text) or not all(map(_is_address, _urls(text))):
        shown = "what it says" if "@" in text else repr(text)  # there may be a password in it
        raise InvalidInput(
            f"{shown} is no Spark master that airdub knows",
            where=_MASTER_VARIABLE,
            remedy="use local[*], local[N], spark://HOST:PORT or k8s://https://HOST",
        )
    starts_pods = runtime == "kubernetes"
    if text.startswith("spark:" if starts_pods else "k8s:"):
        raise InvalidInput(
            f"the runtime {runtime} can't use the Spark master {text!r}: "
            "executors are pods where stages are, and nowhere else",
            where=_MASTER_VARIABLE,
            remedy=f"use local[*] or {'k8s://https://HOST' if starts_pods else 'spark://HOST'}",
        )
    return text


def _urls(master: str) -> list[str]:
    """Where a master listens; it may have others that stand by."""
    kind, _, hosts = master.partition("://")
    if kind == "spark":
        return [f"spark://{host}" for host in hosts.split(",")]
    return [hosts] if kind == "k8s" else []


def _is_address(url: str) -> bool:
    """Whether a URL names a host, and a port where it must, and nobody's name or password."""
    try:
        parts = urlsplit(url)
        has_port = parts.port is not None or parts.scheme != "spark"
    except ValueError:
        return False
    return bool(parts.hostname) and has_port and "@" not in parts.netloc


def _properties_file(text: str, runtime: str) -> Path | None:
    if not text:
        return None
    if runtime == "kubernetes":
        raise InvalidInput(
            "stages are pods, which don't have this machine's files",
            where=_PROPERTIES,
            remedy="leave it out: on Kubernetes Spark makes up the secret of its pods itself",
        )
    return Path(text).absolute()


def _count(env: Mapping[str, str], name: str, default: int, *, least: int) -> int:
    text = env.get(name) or str(default)
    if text.isascii() and text.isdecimal() and least <= int(text) <= _MOST:
        return int(text)
    raise InvalidInput(
        f"{text!r} is no number from {least} to {_MOST}",
        where=name,
        remedy="correct it, or leave it out",
    )
