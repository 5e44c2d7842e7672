"""A chunked stage as Spark's driver: real Spark, whose executors are pods of the test cluster."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from airdub.stages import Resources
from operators.pods.spark import EXECUTOR
from operators.pods.spec import pod_manifest
from tests.airflow_home import PROJECT
from tests.kubernetes.admission import restricted_violations
from tests.kubernetes.containers import image_of
from tests.kubernetes.kubelet import Node, Pod
from tests.kubernetes.rights import asked, granted
from tests.kubernetes.server import Cluster
from tests.kubernetes.site import eventually
from tests.spark_cluster import STAGES_PYTHON
from tests.unit.operators.pods.cases import TASK, request, site

CHUNKS = 12


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    inside = {"PATH": os.environ["PATH"], "PYTHONPATH": str(PROJECT)}
    node = Node(image_of(STAGES_PYTHON), inside)
    made = Cluster("airdub", node)
    inside["KUBECONFIG"] = str(made.kubeconfig(tmp_path / "kubeconfig"))
    try:
        yield made
    finally:
        made.stop()


def driver(cluster: Cluster, folder: Path, seconds: float) -> Pod:
    """Start the pod of a stage that makes chunks which only take their time."""
    settings = site(AIRDUB_SPARK_MASTER=f"k8s://{cluster.url}", AIRDUB_POD_SECRET="")
    manifest = pod_manifest(request("lipsync"), TASK, Resources(cpus=1), settings)
    container: dict[str, Any] = manifest["spec"]["containers"][0]
    container["command"] = ["python", "-m", "tests.spark_driver"]
    container["args"] = [str(folder), str(CHUNKS), str(seconds)]
    pod = cluster.create(manifest)
    assert pod
    return pod


def executors(cluster: Cluster) -> list[Pod]:
    return [
        pod
        for pod in cluster.created
        if EXECUTOR.items() <= pod.manifest["metadata"]["labels"].items()
    ]


def wait(pod: Pod, limit_s: float = 120) -> str:
    """All that a pod says until it ends."""
    assert eventually(lambda: pod.status["phase"] in ("Succeeded", "Failed"), limit_s), pod.lines
    return "\n".join(words for _, words in pod.lines)


def test_executors_are_pods_that_its_account_may_make_and_that_go_with_it(
    cluster: Cluster, tmp_path: Path
) -> None:
    pod = driver(cluster, tmp_path, 0.3)
    said = wait(pod)
    assert pod.status["phase"] == "Succeeded", said
    assert len(json.loads(said.splitlines()[-1])) == CHUNKS
    made = executors(cluster)
    assert len(made) == 2
    for one in made:
        assert restricted_violations(one.manifest) == []
        assert one.manifest["spec"]["serviceAccountName"] == "airdub-stage"
        [owner] = one.manifest["metadata"]["ownerReferences"]
        assert (owner["kind"], owner["name"]) == ("Pod", pod.name)
    assert eventually(lambda: all(one.over for one in made), 10)
    assert asked(cluster.calls) <= granted("airdub-spark")


def test_a_lost_executor_is_replaced_and_costs_one_chunk(cluster: Cluster, tmp_path: Path) -> None:
    pod = driver(cluster, tmp_path, 1.0)
    diary = tmp_path / "diary"
    assert eventually(lambda: diary.exists() and len(diary.read_text().split()) >= 3, 90), pod.lines
    lost = executors(cluster)[0]
    os.killpg(lost.process.pid, signal.SIGKILL)  # its node, or the kernel for its memory
    said = wait(pod)
    assert pod.status["phase"] == "Succeeded", said
    made = diary.read_text().split()
    assert set(made) == {str(number * 240) for number in range(CHUNKS)}
    assert len(made) <= CHUNKS + 1
    assert len(executors(cluster)) == 3
    assert asked(cluster.calls) == granted("airdub-spark")  # to the verb: nothing is left over
