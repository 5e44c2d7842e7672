"""A Spark application whose driver is this process: how it begins, and that it ends."""

from __future__ import annotations

import logging
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from airdub.errors import AirdubError, DependencyUnavailable, EngineFailed, ResourceExhausted
from airdub.spark import Driver
from model_images.runner.stopping import stopped

if TYPE_CHECKING:
    from pyspark import SparkContext

_SOURCES = Path(__file__).resolve().parents[2]
_LOG4J = Path(__file__).with_name("log4j2.properties")
_FIND_GPUS = Path(__file__).with_name("find-gpus")
_END_S = 10.0


@contextmanager
def application(driver: Driver, scratch: Path) -> Iterator[SparkContext]:
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
