"""The entry point of executors' pods: `python -m model_images.runner.executor`.

Spark tells an executor by variables whose it is, and leaves to its image how the JVM is started.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

_BACKEND = "org.apache.spark.scheduler.cluster.k8s.KubernetesExecutorBackend"


def command(env: Mapping[str, str], jars: Path) -> list[str]:
    """The JVM of an executor, from Spark's variables.

    Args:
        jars: folder of Spark's classes.

    Raises:
        KeyError: Spark did not start this.
    """
    options = {name: value for name, value in env.items() if name.startswith("SPARK_JAVA_OPT_")}
    given = [options[name] for name in sorted(options, key=_number)]
    memory = env["SPARK_EXECUTOR_MEMORY"]
    own = [env.get("SPARK_CLASSPATH", ""), f"{jars}/*"]
    told = {
        "--driver-url": "SPARK_DRIVER_URL",
        "--executor-id": "SPARK_EXECUTOR_ID",
        "--cores": "SPARK_EXECUTOR_CORES",
        "--app-id": "SPARK_APPLICATION_ID",
        "--hostname": "SPARK_EXECUTOR_POD_IP",
        "--resourceProfileId": "SPARK_RESOURCE_PROFILE_ID",
        "--podName": "SPARK_EXECUTOR_POD_NAME",
    }
    words = [word for option, name in told.items() for word in (option, env[name])]
    path = os.pathsep.join(filter(None, own))
    return ["java", *given, f"-Xms{memory}", f"-Xmx{memory}", "-cp", path, _BACKEND, *words]


def _number(name: str) -> int:
    return int(re.sub(r"\D", "", name))


def main() -> None:
    """Become the executor's JVM."""
    spec = find_spec("pyspark")
    if spec is None or spec.origin is None:
        raise SystemExit("this image has no Spark: only images of chunked stages have")
    jars = Path(spec.origin).with_name("jars")
    os.environ["SPARK_HOME"] = str(jars.parent)
    os.execvp("java", command(os.environ, jars))  # noqa: S606 - replaces this process


if __name__ == "__main__":
    main()
