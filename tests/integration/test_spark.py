"""Chunked stages on a real standalone Spark: a master and two workers on 127.0.0.1."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from airdub.artifacts import ArtifactStore
from airdub.spark import SparkSettings, driver_environment
from airdub.stages import Resources
from tests.airflow_home import PROJECT
from tests.spark_cluster import STAGES_PYTHON, Cluster, descendants, spark_cluster

CHUNKS, SECONDS = 24, 0.3
CHUNKED = ("track_faces", "lipsync")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with spark_cluster(tmp_path_factory.mktemp("cluster")) as started:
        yield started


@pytest.fixture
def doomed(tmp_path: Path) -> Iterator[Cluster]:
    """A cluster of its own, for a test that harms it."""
    with spark_cluster(tmp_path) as started:
        yield started


def variables(cluster: Cluster) -> dict[str, str]:
    """The environment of a stage's process on the cluster, as its operator would make it."""
    settings = SparkSettings(cluster.master, executors=2, properties=cluster.properties)
    own = driver_environment(settings, Resources(cpus=1))
    return os.environ | own | {"PYTHONPATH": str(PROJECT)}


def start_driver(cluster: Cluster, folder: Path) -> subprocess.Popen[str]:
    """A stage's process that makes chunks which do nothing but take their time."""
    return subprocess.Popen(
        [STAGES_PYTHON, "-m", "tests.spark_driver", folder, str(CHUNKS), str(SECONDS)],
        cwd=PROJECT, env=variables(cluster), stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def diary(folder: Path, at_least: int) -> list[int]:
    """First frames of chunks, in the order in which they were made."""
    limit = time.monotonic() + 60
    while True:
        file = folder / "diary"
        made = [int(line) for line in file.read_text().split()] if file.exists() else []
        if len(made) >= at_least:
            return made
        assert time.monotonic() < limit, f"{made} after a minute"
        time.sleep(0.05)


def test_a_lost_worker_costs_the_chunks_that_it_was_making(doomed: Cluster, tmp_path: Path) -> None:
    with start_driver(doomed, tmp_path) as driver:
        diary(tmp_path, 6)
        doomed.workers[1].lose()
        lost_at = diary(tmp_path, 0)
        assert driver.stdout
        lines = driver.stdout.read().splitlines()
    assert driver.returncode == 0, lines
    made = diary(tmp_path, CHUNKS)
    assert len(lost_at) < CHUNKS - 2  # it was in the middle
    assert set(made) == {number * 240 for number in range(CHUNKS)}
    assert len(made) <= CHUNKS + 1  # of one core one chunk was lost, written down or not
    assert len(json.loads(lines[-1])) == CHUNKS


def test_a_killed_driver_leaves_nothing_at_work(cluster: Cluster, tmp_path: Path) -> None:
    with start_driver(cluster, tmp_path) as driver:
        diary(tmp_path, 2)
        own, at_work = descendants(driver.pid), cluster.executors()
        assert len(at_work) >= 4  # of each worker a JVM and a Python at least
        driver.send_signal(signal.SIGKILL)
    limit = time.monotonic() + 20
    while left := [pid for pid in [*own, *at_work] if is_alive(pid)]:
        assert time.monotonic() < limit, left
        time.sleep(0.1)
    made = diary(tmp_path, 2)
    assert len(made) < CHUNKS
    with start_driver(cluster, tmp_path) as driver:  # the next try
        driver.communicate()
    assert driver.returncode == 0
    again = diary(tmp_path, CHUNKS)
    assert len(again) <= CHUNKS + 2  # of two cores at most two had not been committed
    assert set(again) == {number * 240 for number in range(CHUNKS)}


def test_a_cluster_without_room_is_not_waited_for_for_ever(
    cluster: Cluster, tmp_path: Path
) -> None:
    """Its workers have a core each, and this stage's executors want two."""
    settings = SparkSettings(cluster.master, properties=cluster.properties)
    own = driver_environment(settings, Resources(cpus=2))
    patience = "import model_images.runner.spark as spark; spark._PATIENCE_S = 5"
    run = "import tests.spark_driver as driver; driver.main()"
    done = subprocess.run(
        [STAGES_PYTHON, "-c", f"{patience}; {run}", tmp_path, "1", "0"],
        cwd=PROJECT, env=os.environ | own, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "DependencyUnavailable" in done.stderr
    assert "nobody has worked for the Spark application" in done.stderr


def test_both_stages_make_the_same_on_a_cluster_as_in_one_process(
    cluster: Cluster, samples: Path, tmp_path: Path
) -> None:
    dub(samples / "maria.mp4", tmp_path / "dub", variables(cluster))
    store = ArtifactStore(str(tmp_path / "dub"))
    spread = outputs(store)
    applications = [key for key in store.list("work") if key.endswith("/application.json")]
    assert {key.split("/")[1] for key in applications} == {*CHUNKED}
    assert all(json.loads(store.read(key))["master"] == cluster.master for key in applications)
    for stage in CHUNKED:
        store.delete(f"work/{stage}")
    dub(samples / "maria.mp4", tmp_path / "dub", os.environ | {"PYTHONPATH": str(PROJECT)})
    assert outputs(store) == spread
    assert {name for _, name in spread} >= {"faces", "landmarks", "lips", "video"}


def dub(video: Path, folder: Path, environment: dict[str, str]) -> None:
    """Run all stages up to the lips; those that are there are only found."""
    done = subprocess.run(
        [STAGES_PYTHON, "-m", "tests.chain", video, "--from", "es", "--to", "en",
         "--store", folder, "--until", "lipsync"],
        cwd=PROJECT, env=environment, stdout=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


def outputs(store: ArtifactStore) -> dict[tuple[str, str], str]:
    """sha256 of the chunked stages' outputs."""
    results = {
        stage: json.loads(store.read(key))
        for stage in CHUNKED
        for key in store.list(f"work/{stage}")
        if key.endswith("/result.json")
    }
    return {
        (stage, name): ref["sha256"]
        for stage, result in results.items()
        for name, ref in result["outputs"].items()
    }


def is_alive(pid: int) -> bool:
    """Whether a process still works."""
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
