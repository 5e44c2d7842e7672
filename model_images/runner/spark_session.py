"""A Spark application whose driver is this process: how it begins, and that it ends."""

from __future__ import annotations

import logging
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from airdub.errors import (
    AirdubError,
    DependencyUnavailable,
    EngineFailed,
    ResourceExhausted,
    TemporaryFailure,
)
from airdub.spark import Driver
from model_images.runner.stopping import stopped

if TYPE_CHECKING:
    from pyspark import SparkConf, SparkContext

_SOURCES = Path(__file__).resolve().parents[2]
_LOG4J = Path(__file__).with_name("log4j2.properties")
_FIND_GPUS = Path(__file__).with_name("find-gpus")
_END_S = 10.0
_DIED_S = 1.0
"""In which a killed JVM's exit is seen after its connections broke."""

log = logging.getLogger("airdub")


@contextmanager
def application(driver: Driver, scratch: Path) -> Iterator[SparkContext]:
    """A Spark application. It ends with the block, and with this process however that ends."""
    _need_java()
    from pyspark import SparkConf

    logging.getLogger("py4j").setLevel(logging.WARNING)
    folder = scratch / "spark"
    os.environ |= _environment(driver, folder)
    conf = SparkConf(loadDefaults=False).setAll([*_conf(driver, folder).items()])
    try:
        yield _started(conf)
    except Exception:
        if died := _death():
            raise died from None
        raise
    finally:
        _end()


def _environment(driver: Driver, folder: Path) -> dict[str, str]:
    """What rules Spark, whichever Spark else this machine has and is set up for."""
    import pyspark

    (folder / "conf").mkdir(parents=True, exist_ok=True)
    arguments = ["--properties-file", str(driver.properties)] if driver.properties else []
    return {
        "SPARK_HOME": str(Path(pyspark.__file__).parent),
        "SPARK_CONF_DIR": str(folder / "conf"),  # empty
        "SPARK_LOCAL_DIRS": str(folder),
        "PYSPARK_PYTHON": sys.executable,  # on every machine at the same place
        "PYSPARK_SUBMIT_ARGS": shlex.join([*arguments, "pyspark-shell"]),
    }


def _started(conf: SparkConf) -> SparkContext:
    from pyspark import SparkContext

    try:
        return SparkContext(conf=conf)
    except AirdubError:  # told to stop
        raise
    except Exception as error:
        raise failure_of(str(error)) from error


def _death() -> AirdubError | None:
    """What became of the JVM, where a failure comes from its being gone."""
    from pyspark import SparkContext

    if SparkContext._gateway is None or stopped.is_set():
        return None
    try:
        code = SparkContext._gateway.proc.wait(_DIED_S)
    except subprocess.TimeoutExpired:
        return None
    if code in (-signal.SIGKILL, 128 + signal.SIGKILL):
        return ResourceExhausted(
            "Spark's JVM was killed, most likely for memory",
            remedy="give the stage more memory or fewer cores",
        )
    return TemporaryFailure(f"Spark's JVM ended with {code}", remedy="see its words in the log")


def _end() -> None:
    """Stop the application, and the JVM with its memory and its files, whatever state it is in."""
    from py4j.protocol import Py4JError
    from pyspark import SparkContext

    context, gateway = SparkContext._active_spark_context, SparkContext._gateway
    if gateway is None:
        return
    try:
        if not stopped.is_set():  # else there is no time, and the gateway may be confused
            if context and gateway.proc.poll() is not None:
                context._jsc = None  # nobody hears that it shall stop
            if context:
                context.stop()
            gateway.shutdown()
            gateway.proc.stdin.close()  # by which it ends
            gateway.proc.wait(_END_S)
    except (OSError, Py4JError, subprocess.TimeoutExpired) as error:
        log.warning("Spark's JVM did not end by itself: %s", error)
    finally:
        gateway.proc.kill()
        gateway.proc.wait()
        SparkContext._gateway = SparkContext._jvm = None


def _conf(driver: Driver, folder: Path) -> dict[str, str]:
    """All properties but those that the installation's own file names: it goes first."""
    java = f"-Dlog4j2.configurationFile={_LOG4J.as_uri()}"
    options = "spark.driver.extraJavaOptions"
    conf = dict(driver.conf) | {
        "spark.master": driver.master,
        "spark.app.name": "airdub",
        "spark.jars.ivy": str(folder / "ivy"),  # Spark wants it although it fetches nothing
        "spark.python.worker.faulthandler.enabled": "true",  # a crash is told from a kill
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
    if crash := re.search(r"Fatal Python error: .+", text):
        return EngineFailed(crash[0], remedy="see the traceback in the log")
    killed = ("MemoryError", "Python worker exited unexpectedly", "OOMKilled", "code 137")
    if any(sign in text for sign in killed):
        return ResourceExhausted(
            "a process that makes chunks was killed, or ran out of memory",
            remedy="give the stage more memory or fewer cores",
        )
    if "No space left on device" in text:
        return TemporaryFailure("no space left on a device of Spark", remedy="free disk space")
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
    return raised[-1] if raised else next(iter(lines), "Spark failed without a word")


def _need_java() -> None:
    home = os.environ.get("JAVA_HOME")
    if not shutil.which("java", path=f"{home}/bin" if home else None):
        raise DependencyUnavailable(
            "Spark needs Java, and there is none",
            where=f"{home}/bin/java" if home else "java",
            remedy="install it: `apt-get install default-jre-headless`, or `make setup`",
        )
