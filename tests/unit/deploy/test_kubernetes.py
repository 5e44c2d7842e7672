"""Manifests for a cluster: valid, restricted, and fitting what airdub asks for."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from airdub.errors import InvalidInput, PolicyRefused
from airdub.pods import NODE_CLASSES, NodeClass, PodSettings, read_pod_settings
from airdub.profiles import load_profile, profile_names
from airdub.spark import BLOCK_PORT, DRIVER_PORT
from airdub.stages import STAGES
from operators.pods.identity import OURS
from operators.pods.spark import DRIVER, EXECUTOR
from operators.pods.spec import grown
from tests.kubernetes.admission import VERSION, restricted_violations, schema_errors
from tests.unit.deploy.manifests import (
    KUBERNETES,
    environment,
    kustomized,
    node_classes,
    objects,
    values,
)

STAGES_IN, AIRFLOW_IN = "airdub", "airdub-airflow"
NAMES = {"cidr": "169.254.20.10/32"}
"""Where NodeLocal DNSCache listens."""


@pytest.mark.parametrize(
    "manifest", kustomized(), ids=lambda one: f"{one['kind']}-{one['metadata']['name']}"
)
def test_the_schema_of_kubernetes_takes_it(manifest: dict[str, Any]) -> None:
    assert schema_errors(manifest) == []


def test_every_file_is_in_a_kustomization() -> None:
    listed = {"kustomization.yaml", "node-pools.yaml"}
    listed |= set(yaml.safe_load((KUBERNETES / "kustomization.yaml").read_text())["resources"])
    assert {file.name for file in KUBERNETES.glob("*.yaml")} == listed


def test_names_are_those_that_airdub_uses() -> None:
    pods = read_pod_settings(environment())
    assert pods.namespace == PodSettings.namespace == STAGES_IN
    accounts = objects("ServiceAccount", STAGES_IN)
    assert PodSettings.service_account == pods.service_account
    assert PodSettings.spark_service_account == pods.spark_service_account
    for account in (pods.service_account, pods.spark_service_account):
        assert accounts[account]["automountServiceAccountToken"] is False
    assert pods.model_cache in objects("PersistentVolumeClaim", STAGES_IN)
    assert "ReadWriteMany" in _claim(pods.model_cache)["accessModes"]


def test_pods_are_held_to_restricted_in_both_namespaces() -> None:
    for name in (STAGES_IN, AIRFLOW_IN):
        labels = objects("Namespace")[name]["metadata"]["labels"]
        assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
        assert labels["pod-security.kubernetes.io/enforce-version"] == f"v{VERSION}"
    used = {one["metadata"].get("namespace") for one in kustomized()} - {None}
    assert used == {STAGES_IN, AIRFLOW_IN}


def test_the_job_fills_the_cache_that_stages_read() -> None:
    (job,) = objects("Job", STAGES_IN).values()
    pod = job["spec"]["template"]
    assert restricted_violations(pod) == []
    assert pod["spec"]["automountServiceAccountToken"] is False
    assert pod["spec"]["serviceAccountName"] in objects("ServiceAccount", STAGES_IN)
    (container,) = pod["spec"]["containers"]
    mounts = {mount["name"]: mount for mount in container["volumeMounts"]}
    claims = {
        volume["name"]: volume.get("persistentVolumeClaim", {}) for volume in pod["spec"]["volumes"]
    }
    assert claims["models"] == {"claimName": environment()["AIRDUB_POD_MODEL_CACHE"]}
    variables = {one["name"]: one for one in container["env"]}
    assert variables["AIRDUB_MODEL_CACHE"]["value"] == mounts["models"]["mountPath"]
    assert pod["spec"]["securityContext"]["fsGroup"] == 10001
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    (hopeless,) = job["spec"]["podFailurePolicy"]["rules"]
    assert (pod["spec"]["restartPolicy"], hopeless["action"]) == ("Never", "FailJob")
    codes = {InvalidInput.exit_code, PolicyRefused.exit_code}
    assert set(hopeless["onExitCodes"]["values"]) == codes
    profiles = {
        container["command"][at + 1]
        for at, word in enumerate(container["command"])
        if word == "--profile"
    }
    assert profiles <= set(profile_names())


def test_nobody_talks_to_anybody_unless_a_policy_says_so() -> None:
    for namespace in (STAGES_IN, AIRFLOW_IN):
        deny = objects("NetworkPolicy", namespace)["nobody"]["spec"]
        assert deny == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    stages = objects("NetworkPolicy", STAGES_IN)["stages-to-store"]["spec"]
    name, component = OURS.items()
    assert stages["podSelector"]["matchLabels"] == dict([name])
    (kinds,) = stages["podSelector"]["matchExpressions"]
    assert (kinds["key"], kinds["values"]) == (component[0], [component[1], "executor"])
    for policy in objects("NetworkPolicy", STAGES_IN).values():
        if policy["metadata"]["name"] not in ("spark-drivers", "spark-executors"):
            assert "ingress" not in policy["spec"], "nobody may open a connection to a stage"
    for policy in kustomized():
        for rule in policy.get("spec", {}).get("egress", ()):
            blocks = [to["ipBlock"] for to in rule["to"] if "ipBlock" in to]
            assert all(block == NAMES or "169.254.0.0/16" in block["except"] for block in blocks), (
                "metadata of the cloud"
            )
            assert NAMES not in blocks or {port["port"] for port in rule["ports"]} == {53}


def test_sparks_pods_talk_to_each_other_alone_and_by_their_ports() -> None:
    policies = objects("NetworkPolicy", STAGES_IN)
    name = {"app.kubernetes.io/name": OURS["app.kubernetes.io/name"]}
    for role, labels, ports in (
        ("drivers", name | DRIVER, {DRIVER_PORT, BLOCK_PORT}),
        ("executors", EXECUTOR, {BLOCK_PORT}),
    ):
        spec = policies[f"spark-{role}"]["spec"]
        assert spec["podSelector"] == {"matchLabels": labels}
        (rule,) = spec["ingress"]
        assert {port["port"] for port in rule["ports"]} == ports
        allowed = [one["podSelector"]["matchLabels"] for one in rule["from"]]
        assert all(one in (name | DRIVER, EXECUTOR) for one in allowed)


@pytest.mark.parametrize("namespace", [STAGES_IN, AIRFLOW_IN])
def test_names_are_asked_of_the_cluster_and_of_the_nodes_cache(namespace: str) -> None:
    spec = objects("NetworkPolicy", namespace)["dns"]["spec"]
    assert spec["podSelector"] == {}
    (rule,) = spec["egress"]
    system = {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}}
    assert rule["to"] == [{"namespaceSelector": system}, {"ipBlock": NAMES}]
    assert {(port["port"], port["protocol"]) for port in rule["ports"]} == {
        (53, "UDP"),
        (53, "TCP"),
    }


def test_the_quota_lets_the_pools_be_full() -> None:
    pods = read_pod_settings(environment())
    hard = objects("ResourceQuota", STAGES_IN)["airdub"]["spec"]["hard"]
    assert hard["requests.nvidia.com/gpu"] == str(pods.gpu_slots)
    assert int(hard["pods"]) > pods.pod_slots + pods.gpu_slots


def test_no_stage_grows_beyond_the_limits(tmp_path: Path) -> None:
    (limits,) = objects("LimitRange", STAGES_IN)["airdub"]["spec"]["limits"]
    most_mb = int(limits["max"]["memory"].removesuffix("Gi")) * 1024
    hard = objects("ResourceQuota", STAGES_IN)["airdub"]["spec"]["hard"]
    classes = _node_classes(node_classes())
    for profile in map(load_profile, profile_names()):
        for stage in STAGES:
            asked = profile.resources_of(stage)
            node_class = classes[asked.node_class or ("gpu" if asked.gpus else "cpu")]
            largest = grown(asked, node_class, exhausted=10)
            assert largest.memory_mb + largest.shm_mb <= most_mb
            assert asked.gpus <= int(hard["requests.nvidia.com/gpu"])
    # two limits that grow to the class's most add up
    assert 2 * max(one.most_memory_mb for one in classes.values()) <= most_mb


def test_a_container_that_asks_for_no_gpu_gets_none() -> None:
    for limits in objects("LimitRange", STAGES_IN)["airdub"]["spec"]["limits"]:
        given = limits["max"] | limits["default"]  # Kubernetes takes what only `max` names as well
        assert set(given) == {"memory"}


def test_every_node_class_fits_its_pool_alone() -> None:
    pools = {one["name"]: one for one in yaml.safe_load(_read("node-pools.yaml"))}
    priorities = objects("PriorityClass")
    for name, node_class in _node_classes(node_classes()).items():
        assert node_class.priority_class in priorities
        fitting = [
            pool["name"]
            for pool in pools.values()
            if node_class.node_selector.items() <= pool["labels"].items()
            and all(_tolerated(taint, node_class) for taint in pool["taints"])
        ]
        assert fitting == [name]
    assert priorities["airdub-stage"]["preemptionPolicy"] == "Never"
    assert priorities["airdub-stage"]["value"] < 0 < priorities["airdub-airflow"]["value"]
    assert values()["nodeSelector"] == pools["airflow"]["labels"]


@pytest.mark.parametrize(
    "text", [node_classes(), NODE_CLASSES.read_text()], ids=["helm", "default"]
)
def test_a_pod_that_grows_still_fits_its_node(text: str) -> None:
    nodes = {one["name"]: one["nodes"]["each"] for one in yaml.safe_load(_read("node-pools.yaml"))}
    for name, node_class in _node_classes(text).items():
        memory_gib = re.search(r"(\d+) GiB", nodes[name])
        assert memory_gib
        # the rest is for /dev/shm, and for the node itself
        assert node_class.most_memory_mb <= int(memory_gib[1]) * 1024 * 3 / 4, name


def _tolerated(taint: dict[str, str], node_class: NodeClass) -> bool:
    return any(
        toleration["key"] == taint["key"]
        and toleration["effect"] == taint["effect"]
        and (toleration["operator"] == "Exists" or toleration.get("value") == taint["value"])
        for toleration in node_class.tolerations
    )


def _node_classes(text: str) -> dict[str, NodeClass]:
    written = yaml.safe_load(text)
    return {name: NodeClass.model_validate(fields) for name, fields in written.items()}


def _claim(name: str) -> dict[str, Any]:
    spec: dict[str, Any] = objects("PersistentVolumeClaim", STAGES_IN)[name]["spec"]
    return spec


def _read(name: str) -> str:
    return (KUBERNETES / name).read_text()
