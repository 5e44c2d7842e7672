"""What our operator of pods adds to a stage, beside the provider's own.

`.venv/bin/python -m tests.benchmarks.pods [--tasks 20]`. The cluster is the tests' own: its API is
real HTTP, its store is S3 by moto, and its pods are processes that make a small result at once. The
same pods are started by `KubernetesPodOperator`, turn by turn with ours, in the same process; both
wait in a trigger, and both look as often.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import pytest

os.environ.setdefault("AIRFLOW__LOGGING__LOGGING_LEVEL", "ERROR")  # read when Airflow is imported

from tests.fakes.stage_python import install
from tests.kubernetes.containers import FakeStage
from tests.kubernetes.driver import TaskRun
from tests.kubernetes.site import NAMESPACE, Parts, Site, eventually, installed
from tests.s3 import S3Server

REQUIRED_MORE_S = 1.0
_POLL_S = 0.5


@dataclass
class PlainRun(TaskRun):
    """The same pod by the provider's operator.

    Attributes:
        pod: its manifest.
    """

    pod: Any = None

    def context(self, try_number: int) -> Any:
        return super().context(try_number) | {"dag": None}

    def operator(self) -> Any:
        from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator

        return KubernetesPodOperator(
            task_id=self.stage,
            full_pod_spec=self.pod,
            namespace=NAMESPACE,
            base_container_name="stage",
            deferrable=True,
            poll_interval=_POLL_S,
            startup_check_interval_seconds=_POLL_S,
            do_xcom_push=False,
            in_cluster=False,
        )


@contextmanager
def site_in(folder: Path) -> Iterator[Site]:
    """An installation on a test cluster."""
    server = S3Server()
    server.start()
    film = folder / "film.mp4"
    film.write_bytes(b"moving pictures")
    parts = Parts(server.url, FakeStage, install(folder), film)
    with pytest.MonkeyPatch.context() as patch, installed(folder, parts, patch) as site:
        site.set(AIRDUB_POD_POLL_S=str(_POLL_S))
        yield site
    server.stop()


def ours(site: Site) -> float:
    """Seconds of a task that makes a new result by `StagePodOperator`."""
    Path(site.params["source"]).write_bytes(uuid.uuid4().bytes)
    site.ingest()
    return _timed(site, site.task(run_id=uuid.uuid4().hex))


def plain(site: Site) -> float:
    """Seconds of a task that runs the pod before this one again, by the provider's operator."""
    from airflow.providers.cncf.kubernetes.pod_generator import PodGenerator

    manifest = site.cluster.created[-1].manifest
    spec = {"apiVersion": "v1", "kind": "Pod", "metadata": {}, "spec": manifest["spec"]}
    task = site.task(run_id=uuid.uuid4().hex)
    pod = PodGenerator.deserialize_model_dict(spec)
    return _timed(
        site, PlainRun(task.stage, task.inputs, task.params, task.xcoms, task.run_id, pod=pod)
    )


def _timed(site: Site, task: TaskRun) -> float:
    before = site.pods_created
    began = time.perf_counter()
    ending = task.run()
    took_s = time.perf_counter() - began
    if (ending.state, site.pods_created - before) != ("success", 1):
        raise SystemExit(f"{type(task).__name__}: {ending}")
    return took_s


def compare(folder: Path, tasks: int) -> bool:
    """Print both operators' times; whether ours is as quick as required."""
    with site_in(folder) as site:
        ours(site), plain(site)  # imports and first connections
        times = [(ours(site), plain(site)) for _ in range(tasks)]
        eventually(lambda: not site.cluster.pods)
    own_s, other_s = (median(column) for column in zip(*times, strict=True))
    good = own_s - other_s <= REQUIRED_MORE_S
    more = f"x {own_s / other_s:.2f}, {own_s - other_s:+.2f} s"
    print(
        f"a task whose pod makes a small result, median of {tasks}: "
        f"StagePodOperator {own_s:.2f} s, KubernetesPodOperator {other_s:.2f} s: {more}   "
        f"{'ok' if good else 'NOT REACHED'} (<= +{REQUIRED_MORE_S:g} s)"
    )
    return good


def main() -> int:
    """Measure; 1 when it isn't as quick as required."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.pods", description=__doc__)
    parser.add_argument("--tasks", type=int, default=20)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        return 0 if compare(Path(name), chosen.tasks) else 1


if __name__ == "__main__":
    raise SystemExit(main())
