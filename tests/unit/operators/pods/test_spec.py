"""The pod of every stage and profile, whole. AIRDUB_UPDATE_GOLDEN=1 rewrites them: read the diff.

Fingerprints, and names made of them, are told by their places: they change with every engine.
"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from airdub.errors import InvalidInput
from airdub.pods import NodeClass
from airdub.profiles import load_profile, profile_names
from airdub.spark import read_driver
from airdub.stages import STAGES, Resources
from operators.pods.spec import grown, pod_manifest
from tests.kubernetes.admission import restricted_violations, schema_errors

from .cases import TASK, gpu_site, request, site

GOLDEN = Path(__file__).parent / "golden"
GPU = Resources(gpus=1, cpus=4, memory_mb=16384, shm_mb=2048, scratch_mb=51200)


def told(pod: dict[str, Any], fingerprint: str) -> dict[str, Any]:
    """The pod with its fingerprint taken out."""
    text = json.dumps(pod)
    for length in (64, 32, 12):
        text = text.replace(fingerprint[:length], f"<fingerprint {length}>")
    text = text.replace(f"{fingerprint[:2]}/", "<fingerprint 2>/")
    plain: dict[str, Any] = json.loads(text)
    return plain


def expect(name: str, pod: dict[str, Any]) -> None:
    """Compare with the golden file."""
    file = GOLDEN / f"{name}.json"
    if os.environ.get("AIRDUB_UPDATE_GOLDEN"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps(pod, indent=1) + "\n")
    assert pod == json.loads(file.read_text())


@pytest.mark.parametrize("profile", profile_names())
@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_under_every_profile(stage: str, profile: str) -> None:
    asked = request(stage, profile)
    pod = pod_manifest(asked, TASK, load_profile(profile).resources_of(stage), site())
    assert schema_errors(pod) == []
    assert restricted_violations(pod) == []
    expect(stage, told(pod, asked.fingerprint))  # no profile asks for other resources yet


def test_a_stage_on_gpu_nodes_of_its_cluster(tmp_path: Path) -> None:
    asked = request("transcribe")
    pod = pod_manifest(asked, TASK, GPU, gpu_site(tmp_path), number=2)
    assert schema_errors(pod) == []
    assert restricted_violations(pod) == []
    expect("transcribe_on_gpu", told(pod, asked.fingerprint))


def test_a_chunked_stage_whose_executors_are_pods(tmp_path: Path) -> None:
    asked = request("lipsync")
    master = "k8s://https://kubernetes.default.svc"
    on_gpus = gpu_site(tmp_path, AIRDUB_SPARK_MASTER=master)
    pod = pod_manifest(asked, TASK, GPU.model_copy(update={"gpus": 2}), on_gpus)
    assert schema_errors(pod) == []
    assert restricted_violations(pod) == []
    expect("lipsync_by_executors", told(pod, asked.fingerprint))
    [container] = pod["spec"]["containers"]
    assert "amd.com/gpu" not in container["resources"]["limits"]  # the driver only plans
    variables = {one["name"]: one["value"] for one in container["env"]}
    driver = read_driver(variables)
    assert driver is not None
    assert driver.conf["spark.kubernetes.driver.pod.name"] == pod["metadata"]["name"]
    assert driver.conf["spark.executor.resource.gpu.vendor"] == "amd.com"
    assert (driver.conf["spark.executor.cores"], driver.threads) == ("2", 2)


def test_an_executor_is_locked_up_as_its_stage_is_and_belongs_to_its_driver(
    tmp_path: Path,
) -> None:
    on_gpus = gpu_site(tmp_path, AIRDUB_SPARK_MASTER="k8s://https://kubernetes.default.svc")
    pod = pod_manifest(request("lipsync"), TASK, GPU, on_gpus)
    variables = {one["name"]: one["value"] for one in pod["spec"]["containers"][0]["env"]}
    template = json.loads(variables["AIRDUB_SPARK_EXECUTOR_POD"])
    spec = template["spec"]
    assert restricted_violations(template) == []
    assert spec["serviceAccountName"] == on_gpus.pods.service_account
    assert spec["automountServiceAccountToken"] is False
    assert spec["nodeSelector"] == {"accelerator": "mi300"}
    labels = template["metadata"]["labels"]
    assert labels["app.kubernetes.io/component"] == "executor"  # no task's: no sweeper takes it
    assert not {"airdub/task", "airdub/fingerprint", "airdub/number"} & set(labels)
    [container] = spec["containers"]
    assert container["command"] == ["python", "-m", "model_images.runner.executor"]
    assert container["resources"] == {"requests": {"ephemeral-storage": "51200Mi"}}
    local = {one["mountPath"]: one["name"] for one in container["volumeMounts"]}["/tmp"]  # noqa: S108
    assert local.startswith("spark-local-dir-")
    assert local in {one["name"] for one in spec["volumes"]}
    assert container["envFrom"] == [{"secretRef": {"name": "airdub-s3"}}]


def test_without_secret_and_model_cache_nothing_is_mounted_or_read() -> None:
    bare = site(AIRDUB_POD_SECRET="", AIRDUB_POD_MODEL_CACHE="")
    pod = pod_manifest(request("mix"), TASK, Resources(), bare)
    [container] = pod["spec"]["containers"]
    assert "envFrom" not in container
    assert [mount["name"] for mount in container["volumeMounts"]] == ["scratch", "shm"]
    assert schema_errors(pod) == []


def test_names_differ_by_task_fingerprint_and_number_alone() -> None:
    def name(task: Any = TASK, number: int = 1, **asked: object) -> str:
        pod = pod_manifest(request("mix", **asked), task, Resources(), site(), number)
        return str(pod["metadata"]["name"])

    assert name() == name(title_id="another")
    assert len({name(), name(number=2), name(replace(TASK, run_id="other"))}) == 3


def test_labels_hold_any_title_and_language() -> None:
    odd = request("mix", title_id="a" + "film.-_" * 11 + ".", language="zh-Hant-TW")
    pod = pod_manifest(odd, TASK, Resources(), site())
    assert schema_errors(pod) == []
    labels = pod["metadata"]["labels"]
    assert len(labels["airdub/title"]) <= 63
    assert labels["airdub/title"][-1].isalnum()
    assert labels["airdub/language"] == "zh-Hant-TW"


@pytest.mark.parametrize(
    "url", ["file:///srv/store", "/srv/store", "s3://key:password@bucket/library"]
)
def test_stores_that_pods_cannot_use_are_refused(url: str) -> None:
    with pytest.raises(InvalidInput, match="AIRDUB_STORE"):
        pod_manifest(request("mix"), TASK, Resources(), replace(site(), store_url=url))


def test_resources_grow_with_each_exhaustion_up_to_the_node() -> None:
    nodes = NodeClass(most_memory_mb=10_000)
    asked = Resources(memory_mb=2048, shm_mb=512, scratch_mb=100)
    sizes = [grown(asked, nodes, times) for times in range(4)]
    assert [one.memory_mb for one in sizes] == [2048, 4096, 8192, 10_000]
    assert [one.shm_mb for one in sizes] == [512, 1024, 2048, 4096]
    assert [one.scratch_mb for one in sizes] == [100, 200, 400, 800]
    assert grown(Resources(memory_mb=20_000), nodes, 1).memory_mb == 20_000


def test_a_node_class_that_nobody_defined_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no node class 'tpu'"):
        pod_manifest(request("mix"), TASK, Resources(node_class="tpu"), gpu_site(tmp_path))
