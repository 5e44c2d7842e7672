"""The JVM of an executor's pod, from the variables that Spark gives it."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from airdub.settings import PROJECT
from model_images.runner.executor import command

FIND_GPUS = PROJECT / "model_images" / "runner" / "find-gpus"

GIVEN = {
    "SPARK_DRIVER_URL": "spark://CoarseGrainedScheduler@10.0.0.7:7078",
    "SPARK_EXECUTOR_ID": "3",
    "SPARK_EXECUTOR_CORES": "2",
    "SPARK_EXECUTOR_MEMORY": "512m",
    "SPARK_APPLICATION_ID": "spark-application-1",
    "SPARK_EXECUTOR_POD_IP": "10.0.0.8",
    "SPARK_EXECUTOR_POD_NAME": "airdub-exec-3",
    "SPARK_RESOURCE_PROFILE_ID": "0",
    **{f"SPARK_JAVA_OPT_{number}": f"-Dn={number}" for number in (10, 0, 2)},
}


def test_options_keep_their_order_and_nothing_of_sparks_is_lost() -> None:
    words = command(GIVEN, Path("/opt/spark/jars"))
    assert words[:6] == ["java", "-Dn=0", "-Dn=2", "-Dn=10", "-Xms512m", "-Xmx512m"]
    assert words[words.index("-cp") + 1] == "/opt/spark/jars/*"
    told = dict(zip(words[-14::2], words[-13::2], strict=True))
    assert told == {
        "--driver-url": "spark://CoarseGrainedScheduler@10.0.0.7:7078",
        "--executor-id": "3",
        "--cores": "2",
        "--app-id": "spark-application-1",
        "--hostname": "10.0.0.8",
        "--resourceProfileId": "0",
        "--podName": "airdub-exec-3",
    }


def test_it_finds_its_gpus(tmp_path: Path) -> None:
    tool = tmp_path / "nvidia-smi"
    tool.write_text("#!/bin/sh\nprintf '0\\n1\\n'\n")
    tool.chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"
    said = subprocess.run([FIND_GPUS], env={"PATH": path}, capture_output=True, check=True)
    assert json.loads(said.stdout) == {"name": "gpu", "addresses": ["0", "1"]}
    tool.write_text("#!/bin/sh\nexit 9\n")
    assert subprocess.run([FIND_GPUS], env={"PATH": path}, check=False).returncode == 9


def test_it_is_nothing_without_spark() -> None:
    with pytest.raises(KeyError, match="SPARK_EXECUTOR_MEMORY"):
        command({}, Path("/opt/spark/jars"))
